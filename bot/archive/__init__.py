"""Search over the entries: index, meaning, ranking, answered before."""
