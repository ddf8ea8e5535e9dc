"""Levels, schemes, rates and time sets."""
