"""How a network learns: build, fit, probe, keep. Nothing is imported here, so that data can be prepared without torch."""
