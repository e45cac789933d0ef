"""Classrooms: where everything stands, how it looks and is lit, and from where it is seen."""
