"""Checks on explanations, and the stamp that follows from them."""
