"""The whole truth of a made lesson, in the files that an analysis of it would leave."""
