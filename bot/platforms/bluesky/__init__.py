"""Bluesky: the brand's account on a server of the AT Protocol."""
