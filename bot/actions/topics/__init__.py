"""Topics are put in order: merged, split, renamed, retired; everything that belongs to them moves along."""
