"""Any other feed, through signed webhooks both ways."""
