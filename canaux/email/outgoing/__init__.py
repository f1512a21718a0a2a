"""A letter of ours, composed into a raw message.

letters.py       the words of letters that leave on their own
quoting.py       the question below the answer to it
composing.py     the message (RFC 2045, 2047, 5322), with html_letter.py: its words as HTML
mailable.py      addresses in the form in which they can be written to
"""
