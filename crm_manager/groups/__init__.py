"""Groups of guests and of cards."""
