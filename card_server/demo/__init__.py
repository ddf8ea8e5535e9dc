"""Demo data that is the same on every machine, and a guest's visit to look at."""
