"""What everybody may read: pages, API, feeds."""
