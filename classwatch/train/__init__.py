"""Fitting the small models that ship with classwatch."""
