"""Learning from past answers: beside routing, and answer by answer as they come."""
