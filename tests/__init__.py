"""The tests, a mirror of the sources."""
