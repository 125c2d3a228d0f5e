"""Reads the pages of MediaWiki dumps and the prose of their wikitext. Nothing here knows a corpus's settings."""
