"""Where customers say how it went."""
