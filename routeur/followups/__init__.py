"""Follow-ups: made when a contact cannot be served now, kept by the back office, and told to their usager."""
