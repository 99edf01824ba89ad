"""Any other feed at the front: its settings."""
