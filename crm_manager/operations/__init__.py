"""Operations of the ledger: one with its balanced entries, and why its numbers are so."""
