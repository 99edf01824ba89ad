"""What topics that are put in order need done by itself."""
