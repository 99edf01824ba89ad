"""One room per step of a post's way: intake, route, deliver, expire, archive."""
