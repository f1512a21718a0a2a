"""E-mail, in its canonical form: the raw message (RFC 5322, MIME).

reading.py                        a message as an inbound; bounded_reading.py reading_process.py: elsewhere, and in time
mime.py headers.py parameters.py  parsing without trust; decoding.py: bytes to text
parts.py html_text.py flowed.py uuencoded.py   what was written, and the files that go with it
history.py                        the words of the person, without what they answer
automatic.py                      whether a machine wrote it
threads.py references.py          which contact it answers, by Message-ID; our reference in subjects
channel.py letters.py             what leaves, and its words
"""
