"""The Configurator."""
