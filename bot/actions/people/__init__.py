"""Who takes part and what they know: employees and the topics of the house."""
