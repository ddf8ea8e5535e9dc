"""Cards: the list, what can be done to a card."""
