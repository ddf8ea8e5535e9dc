"""Tests of the demo data and of the guest's visit."""
