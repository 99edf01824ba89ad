"""What becomes of matters: by what is asked, and by what people decide."""
