"""Train the shipped pose model on labelled stills; torch is imported at the top of these modules,
which nothing but training imports."""
