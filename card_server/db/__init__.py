"""The database: engine, types, unit of work, migrations."""
