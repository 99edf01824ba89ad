"""What becomes of what the public reads: entries that are looked at again or hidden, and the public texts."""
