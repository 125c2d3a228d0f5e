"""Finds, opens, cuts and writes files, local or remote. Nothing here knows what a file means."""
