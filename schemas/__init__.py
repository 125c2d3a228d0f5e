"""Says what a record is, where one part hands it to another: fields, types, versions. No logic, no other package."""
