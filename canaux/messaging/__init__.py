"""Text messages (SMS, WhatsApp), whichever network brings them.

reading.py        a message as an inbound
conversation.py   what becomes of it; answers.py: what is answered at once
channel.py        what leaves later
"""
