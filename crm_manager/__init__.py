"""The Card Editor: guests, cards, operations and programs on the screen of a manager."""
