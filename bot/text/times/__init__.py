"""When people are there: hours of a week, closed days, and moments as people write them."""
