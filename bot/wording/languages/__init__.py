"""The languages that Chorus speaks: a catalogue each, ``<code>.po``, and the way into them."""
