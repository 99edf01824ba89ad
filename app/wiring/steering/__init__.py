"""What people in charge may change while Chorus runs: its settings, and what is in force of them."""
