"""What comes in: an arrival, one more message of a conversation, a usager who leaves or has their answer."""
