"""Cuts files into lines, paragraphs and compressed members. Nothing here knows a corpus format."""
