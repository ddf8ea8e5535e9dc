"""Logs: constant sentences with fields, masked."""
