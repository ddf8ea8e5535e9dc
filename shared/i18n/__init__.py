"""The reader's language: error sentences and formats, Russian and English."""
