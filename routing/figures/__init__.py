"""What the house is measured by: each figure is defined here, from the raw history to the number."""
