"""Computes a dataset on many processes or machines. Beam lives only here; what is computed stands in the other folders."""
