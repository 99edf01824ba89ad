"""The feed that is built in."""
