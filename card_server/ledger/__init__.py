"""Operations, entries, lots, allocations, holds: the bookkeeping."""
