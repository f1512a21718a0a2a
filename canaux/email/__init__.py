"""E-mail, in its canonical form: the raw message (RFC 5322, MIME).

reading.py                        a message as an inbound; bounded_reading.py reading_process.py: elsewhere, and in time
mime.py headers.py parameters.py  parsing without trust; decoding.py: bytes to text
parts.py html_text.py flowed.py uuencoded.py   what was written, and the files that go with it
history.py                        the words of the person, without what they answer
automatic.py threads.py           whether a machine wrote it; which contact it answers
channel.py letters.py             what leaves, and its words
"""
