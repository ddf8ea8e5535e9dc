"""Companies and branches."""
