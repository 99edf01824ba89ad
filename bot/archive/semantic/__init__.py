"""The archive searched by meaning."""
