"""Takes a document from its file to its lane: tasks, reading, tokenizing, counting. No Beam, no examples."""
