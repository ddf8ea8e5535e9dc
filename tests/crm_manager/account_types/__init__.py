"""Tests of account types."""
