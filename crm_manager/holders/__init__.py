"""Guests: the list, one guest's page with its tabs, what can be done to a guest."""
