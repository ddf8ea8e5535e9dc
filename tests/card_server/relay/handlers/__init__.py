"""Tests of the actions, bytes to bytes."""
