"""Topics that are put in order: what moves, how far that is, and what people may look at before."""
