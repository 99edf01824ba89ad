"""What departments hear by themselves."""
