"""Card holders and their personal data."""
