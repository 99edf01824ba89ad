"""The archive searched by meaning: the embedding model and the index of its vectors."""
