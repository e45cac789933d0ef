"""From meshes to pictures: what a camera sees, what its sensor makes of it, and who is seen."""
