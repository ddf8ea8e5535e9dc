"""The management port: one contract for the desktop programs."""
