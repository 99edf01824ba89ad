"""The brain: who should be asked, decided by pure functions over frozen values."""
