"""Deeds on questions and answers: taken, decided, handed over, withdrawn."""
