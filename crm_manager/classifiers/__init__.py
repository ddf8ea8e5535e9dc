"""Programs that call: their codes, rights and habits."""
