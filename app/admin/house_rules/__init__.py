"""The house's rules: what waits for a person, and how answers go out."""
