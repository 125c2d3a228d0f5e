"""Reads the records of web archives and the text of their pages. Nothing here knows a corpus's settings."""
