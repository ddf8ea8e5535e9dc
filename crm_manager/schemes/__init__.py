"""Schemes: rates of bonuses and discounts, by time."""
