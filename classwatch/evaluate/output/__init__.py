"""An evaluation for people, programs and CI servers."""
