"""How a program runs: console, service, single instance."""
