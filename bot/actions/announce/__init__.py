"""What the brand says of its own accord: proposed, approved by somebody else, planned, taken back in time."""
