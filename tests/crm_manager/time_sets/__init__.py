"""Tests of time sets."""
