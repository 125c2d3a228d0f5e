"""The bundled trainer: XLNet in PyTorch, small enough to read; torch lives only here."""
