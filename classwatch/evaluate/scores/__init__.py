"""Scorers: each counts in one lesson and turns pooled counts into figures.

Every scorer is a frozen dataclass of its options with ``name``, ``count(...)`` (a ``Tally``) and
``figures(pooled)``. Options that change a number stand in the metric id, after ``@``.
"""
