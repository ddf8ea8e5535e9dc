"""The contract's values: ids, money, errors. Imports nothing of ours."""
