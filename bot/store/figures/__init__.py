"""The figures' rows: what is to be counted anew, what is counted of a question, and the days as counted."""
