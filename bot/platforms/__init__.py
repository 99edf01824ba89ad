"""One adapter per feed, all behind the protocol in base."""
