"""Campaigns and their stacking."""
