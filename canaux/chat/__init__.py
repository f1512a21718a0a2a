"""The chat: a visitor's page, which asks and listens.

requests.py        what the page sends
verification.py    what it sends to prove an address
tokens.py          whose conversation it is
conversations.py   what is done about it
stream.py          what the page is told, its only way out
channel.py         what is written into the conversation beside it, so that the stream tells it
"""
