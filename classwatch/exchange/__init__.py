"""Subtitles, transcripts and annotation files, both ways."""
