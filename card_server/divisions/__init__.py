"""Divisions, units, stations, settings and id counters."""
