"""Ghost as a destination, by its Admin API and the key of a custom integration."""
