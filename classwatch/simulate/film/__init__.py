"""From the timeline of a lesson to media files, with what is exactly in each of their pictures."""
