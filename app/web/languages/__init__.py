"""The languages of the pages: one catalogue each, ``<code>.po``, and what is done with it."""
