"""The rules of the house that no tool knows."""
