"""Time sets: when something holds."""
