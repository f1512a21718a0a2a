"""Twilio, behind the interfaces of the phone, texts and media."""
