"""Says what a record is that crosses a boundary: fields, types, versions. No logic, and no library but pyarrow."""
