"""Pretraining data for XLNet: how to compute it, in pure functions on arrays."""
