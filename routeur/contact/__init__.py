"""The contact: words for its life (and for what agents do), its row, messages, journal, and who is asking."""
