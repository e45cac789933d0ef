"""Values and pure functions that every other part shares; standard library and numpy only."""
