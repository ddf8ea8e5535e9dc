"""What two or more programs need, and nothing that only one needs."""
