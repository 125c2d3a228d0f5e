"""Computes a dataset on many processes or machines. Beam lives only here; what is computed lives elsewhere."""
