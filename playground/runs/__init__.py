"""The history: projects, runs, their curves, edits and weights. One process writes it, everyone else reads."""
