"""The laws of domain 4 as property tests against the real ledger."""
