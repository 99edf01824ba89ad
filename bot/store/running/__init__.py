"""What processes that run leave in the database: how far they have come, what is whose, who is alive."""
