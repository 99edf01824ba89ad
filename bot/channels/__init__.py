"""How people are told: by mail and in a chat."""
