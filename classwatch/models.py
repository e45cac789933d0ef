"""Model registry: names to verified local files."""
