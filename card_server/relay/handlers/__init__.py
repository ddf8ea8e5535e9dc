"""What each action does: from a message to a posting, an edit or a question, and back."""
