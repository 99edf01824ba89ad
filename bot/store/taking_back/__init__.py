"""What the brand has said and takes back: what takes its posts down, as rows of the outbox."""
