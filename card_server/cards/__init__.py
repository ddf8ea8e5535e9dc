"""Cards, their states, ranges and events."""
