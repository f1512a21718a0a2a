"""A raw message, read into an inbound.

reading.py                         the whole; bounded_reading.py reading_process.py: elsewhere, and in time
mime.py headers.py parameters.py   parsing without trust; decoding.py: bytes to text
parts.py html_text.py flowed.py uuencoded.py tnef.py   what was written, and the files that go with it
history.py                         the words of the person, without what they answer
automatic.py                       whether a machine wrote it
envelope.py forms.py               who wrote it, to whom, how far that is proved; letters that a web form writes
language.py digest.py              in which language; whether it is the same letter again
"""
