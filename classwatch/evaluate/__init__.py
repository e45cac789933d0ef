"""Scores of runs against truth: pooled counts, intervals over lessons, gates."""
