"""The server of automatic processes."""
