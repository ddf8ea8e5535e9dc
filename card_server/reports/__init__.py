"""Report forms and runs."""
