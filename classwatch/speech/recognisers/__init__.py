"""Speech recognisers behind one port: one module for each library or family of models."""
