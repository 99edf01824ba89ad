"""The voice: platforms, the database, the steps of a post's way."""
