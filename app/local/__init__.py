"""The built-in feed's page and its JSON."""
