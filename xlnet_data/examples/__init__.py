"""Lays out lanes and draws examples from them, in pure functions on arrays. No files, no documents' sources."""
