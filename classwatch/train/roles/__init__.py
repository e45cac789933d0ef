"""Fits the small network that tells the role of a turn."""
