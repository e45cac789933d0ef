"""Codes from a language model that the user runs, behind an OpenAI-compatible endpoint."""
