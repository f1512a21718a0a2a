"""A contact's place: its entry in the index, the contacts that wait with it, its way back, and the repair."""
