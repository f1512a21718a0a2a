"""The phone, whichever network carries the call.

inbound.py                  what a network tells us of a call
dialogue.py call_events.py  what is answered to it, and what becomes of its contact
                            (what a key or a word chooses: competences/plan/menu.py)
steps.py script.py          what is said: our own small list of steps, and the words
channel.py voicemail.py     how an agent is put on the line; voice messages
"""
