"""Lays out lanes and draws examples from them, in pure functions on arrays. No file is opened, no corpus is known."""
