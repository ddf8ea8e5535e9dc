"""The command line of the card server; one file a command."""
