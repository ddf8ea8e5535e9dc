"""Types of accounts and their levels."""
