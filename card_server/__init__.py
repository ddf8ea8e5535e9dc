"""The card server: owner of the database, answers tills and managers."""
