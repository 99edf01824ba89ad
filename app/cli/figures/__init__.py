"""The figures, from the command line."""
