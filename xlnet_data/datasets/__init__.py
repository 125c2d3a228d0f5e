"""Plans, writes, reads, checks and shows dataset folders. No torch, no Beam, and nothing of what trains on them."""
