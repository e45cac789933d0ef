"""Stages, their keys, and what runs them."""
