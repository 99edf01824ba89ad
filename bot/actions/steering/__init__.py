"""The house's rules as people in charge change them."""
