"""Licences and their daily count."""
