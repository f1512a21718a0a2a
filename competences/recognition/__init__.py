"""Text to topic: what a message is about, how sure that is, and the words that decided.

Learned from `competences/examples` (messages) and `competences/expressions` (words that betray a topic), which are
text files that anyone can read and correct. Nothing is downloaded, and a learned model is numbers alone.
"""
