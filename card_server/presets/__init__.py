"""Ready-made set-ups that an installer may choose."""
