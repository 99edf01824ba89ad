"""The demo's story: an invented brand, its people, its archive, and an afternoon of customers."""
