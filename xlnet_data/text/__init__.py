"""Turns text into sentences and token ids, and trains vocabularies. Nothing here knows corpora or lanes."""
