"""One file per group of stages: read artifacts, call one library function, write artifacts."""
