"""Typed tables and documents on disk, the content-addressed cache and the lesson folder."""
