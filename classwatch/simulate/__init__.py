"""Lessons made to measure: a script becomes pictures, sound and exact truth."""
