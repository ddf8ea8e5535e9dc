"""Messages, templates and mailings to guests."""
