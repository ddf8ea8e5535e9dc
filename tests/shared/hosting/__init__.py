"""The mirror of its sources."""
