"""The Card Editor and the report viewer."""
