"""The phone: what is said to a caller, and how an agent is put on the line."""
