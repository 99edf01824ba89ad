"""Mastodon, GoToSocial and whatever else speaks Mastodon's client API."""
