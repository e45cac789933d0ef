"""People of a simulated lesson: characters from a folder or made by code, dressed, posed, moved."""
