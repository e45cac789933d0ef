"""Measures, one file per protocol; pure functions over turns, events and words."""
