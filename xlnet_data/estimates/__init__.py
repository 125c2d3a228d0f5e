"""Works out what a build would give and take, from a sample of its input. Nothing is built, nothing is kept."""
