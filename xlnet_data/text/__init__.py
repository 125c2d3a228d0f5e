"""Turns text into sentences and token ids, and trains vocabularies. No corpus format, no lane, no example comes in."""
