"""The topics of the house: which there are, which seem to be missing, and how they are put in order."""
