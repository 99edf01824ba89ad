"""Listening: the words are looked for where a platform lets itself be searched."""
