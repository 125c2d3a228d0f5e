"""Finds, opens, cuts and writes files, local or remote. What a file's content means is no business of this folder."""
