"""What a contact is about: recognised from its words, corrected by agents, learned again."""
