"""Takes a document from its file to its place in a lane. No Beam, and no examples yet."""
