"""Jobs, their schedules and runs."""
