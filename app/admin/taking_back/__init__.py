"""Taking back what the brand has said: one answer, many at once, and by hand where a platform refuses."""
