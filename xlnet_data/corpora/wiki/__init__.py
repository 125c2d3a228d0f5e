"""Reads the pages of MediaWiki dumps and the prose of their wikitext. No settings of a corpus come in."""
