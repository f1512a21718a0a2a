"""`routeur play`: a morning at the town hall, compressed, sent over HTTP as providers, citizens and agents would.

What happens and when is written beforehand (`morning`); it is carried out by one actor per call, letter, text,
visitor and agent, each in a thread of its own.
"""
