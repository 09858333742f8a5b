"""Torch modules of our own that layers build."""
