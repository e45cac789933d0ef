"""Body keypoints, tracks, roles and events from pictures."""
