"""Sound and pictures with true timestamps; the only place that imports PyAV."""
