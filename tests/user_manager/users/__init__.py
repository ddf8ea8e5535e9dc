"""Tests of the User Manager."""
