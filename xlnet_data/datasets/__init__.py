"""Writes, reads, checks and shows dataset folders. No torch and no Beam."""
