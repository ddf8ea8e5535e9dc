"""Tests of programs that call."""
