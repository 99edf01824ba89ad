"""One deed each, in the caller's transaction: the only rooms where a rule changes more than one row."""
