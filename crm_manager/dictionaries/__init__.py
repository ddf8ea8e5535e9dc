"""The short dictionaries of the house."""
