"""Builders and fakes of the tests."""
