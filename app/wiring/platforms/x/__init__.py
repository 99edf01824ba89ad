"""X at the front: its settings, its keys, its sign-in, and what the doctor asks it."""
