"""Which program may do what with which account type."""
