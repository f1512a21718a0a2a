"""Twilio: the only folder that knows its words.

phone.py texts.py media.py   its REST API (rest.py), behind canaux.provider_interfaces
forms.py numbers.py          what its forms say, in our own facts
twiml.py                     our steps and words, in TwiML
urls.py                      where it calls us
"""
