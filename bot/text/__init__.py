"""Texts taken apart: characters, links, languages, lengths, personal data (pure)."""
