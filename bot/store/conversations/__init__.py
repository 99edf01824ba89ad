"""Posts, questions, offers, answers and the outbox."""
