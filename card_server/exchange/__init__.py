"""Imports and the exchange with partner systems."""
