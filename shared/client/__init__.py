"""The typed client of the management port."""
