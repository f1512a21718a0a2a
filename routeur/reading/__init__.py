"""What people may look at. Reads only: the record, overlaid with where the index has each contact."""
