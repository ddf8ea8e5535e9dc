"""Tests of the database rooms."""
