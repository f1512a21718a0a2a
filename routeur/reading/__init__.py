"""Reading for people, changing nothing: the record, overlaid with where the index has each contact."""
