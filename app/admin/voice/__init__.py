"""What many customers ask about: the matters, for those who read questions and decide about them."""
