"""The User Manager."""
