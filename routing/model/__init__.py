"""Questions, people, offers and their states; topics; and how posts are read."""
