"""What an agent does: come and go, take a contact, answer, pass it on, finish it."""
