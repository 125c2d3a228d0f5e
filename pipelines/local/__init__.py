"""Builds on the processes of one machine, with files between them."""
