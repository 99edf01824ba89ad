"""How good routing, search and the ladder are, as figures."""
