"""Ranges that cards are issued from."""
