"""Listening: which words, and what becomes of a post that holds one."""
