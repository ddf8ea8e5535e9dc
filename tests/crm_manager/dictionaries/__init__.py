"""Tests of short dictionaries."""
