"""The topics, from the command line."""
