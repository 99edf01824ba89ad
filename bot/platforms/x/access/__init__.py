"""Speaking to X: by which token, at what price, and what its refusals mean."""
