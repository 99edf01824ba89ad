"""The people at large: the list that is searched and narrowed, and what is done to several at once."""
