"""Documents of holders and contracts."""
