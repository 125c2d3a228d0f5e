"""How to compute it on many machines; Beam lives only here."""
