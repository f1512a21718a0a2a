"""The contact: the words for its life, its row in the record, its messages, its journal, and who is asking."""
