"""Restaurants and points of sale."""
