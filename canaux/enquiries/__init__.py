"""How a request stands, asked by text, chat or page, without a log-in.

question.py       the question, as people write it
enquiries.py      who may be answered, and how many guesses they have
status_words.py   the answer
"""
