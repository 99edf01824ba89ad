"""The front: web pages, webhooks, command line, and the composition of it all."""
