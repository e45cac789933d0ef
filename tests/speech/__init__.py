"""Tests of classwatch.speech."""
