"""Trains the paper's ablation rows and the other objectives on the same text, and compares them over seeds."""
