"""Trains an XLNet on a dataset in PyTorch, to show that its shards teach a model; no other package imports torch."""
