"""What crosses a boundary: records, their fields and their versions; no logic."""
