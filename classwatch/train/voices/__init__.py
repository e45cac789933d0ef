"""The network that tells voices apart: made speakers, fitting, scores."""
