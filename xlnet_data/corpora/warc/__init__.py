"""Reads the records of web archives and the text of their pages. No settings of a corpus come in."""
