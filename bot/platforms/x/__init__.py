"""X (API v2): X Activity events, mentions, search, replies. docs/platforms/x.md tells what it costs."""
