"""What people say to each other in a thread: each turn's kind, what solved a question, what is kept."""
