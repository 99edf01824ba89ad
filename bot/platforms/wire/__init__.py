"""How adapters talk over the network: bounded, checked, signed."""
