"""Classrooms: where everything stands, what it looks like, how it is lit and from where it is seen."""
