"""Mastodon at the front: its settings and its sign-in, at whatever server somebody lives."""
