"""E-mail, in its canonical form: the raw message (RFC 5322, MIME).

incoming/                a message as an inbound
outgoing/                a letter of ours as a message
channel.py               what leaves, of which news
threads.py references.py which contact a letter is about: by our Message-IDs; by our reference in its subject
limits.py unread.py      how large a letter may be; addresses that nobody reads
"""
