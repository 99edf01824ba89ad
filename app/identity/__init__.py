"""Who somebody is, what they may do, and whose account is whose."""
