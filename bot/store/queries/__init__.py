"""What pages and steps read, one module per reader."""
