"""E-mail, in its canonical form: the raw message (RFC 5322, MIME).

reading.py                        a message as an inbound
policy.py headers.py parts.py     parsing without trust; body_text.py: the words of the person
automatic.py threads.py           whether a machine wrote it; which contact it answers
channel.py letters.py             what leaves, and its words
"""
