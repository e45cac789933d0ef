"""classwatch: open, offline classroom-observation analysis."""

__version__ = "0.1.0"
