"""Cuts content into lines, paragraphs and compressed members, for several formats. No single format comes in."""
