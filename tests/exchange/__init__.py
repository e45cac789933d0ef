"""Tests of classwatch.exchange."""
