"""What each employee knows, learned answer by answer."""
