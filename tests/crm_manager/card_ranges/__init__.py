"""Tests of card ranges."""
