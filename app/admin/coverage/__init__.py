"""Who is on duty when, and which topics nobody covers."""
