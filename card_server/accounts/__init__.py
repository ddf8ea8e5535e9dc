"""Account types, accounts, spend limits and refills."""
