"""Text messages (SMS, WhatsApp), whichever network brings them.

reading.py        a message as an inbound
conversation.py   what becomes of it; answers.py: what is answered at once
channel.py        what leaves later; code_budget.py: how many codes of that
receipts.py       what the network says of that; failures.py: why it did not arrive, in words
"""
