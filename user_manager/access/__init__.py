"""The journal of access."""
