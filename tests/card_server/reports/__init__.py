"""Tests of the card server."""
