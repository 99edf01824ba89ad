"""The built-in feed at the front: its settings."""
