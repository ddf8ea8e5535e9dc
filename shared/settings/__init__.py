"""Settings: declared once, kept in a TOML file or the database, secrets apart."""
