"""Benchmarks: programs with peers in the same run, never timed tests."""
