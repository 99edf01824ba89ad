"""The first steps in a new house: what is left to do, and a page for each."""
