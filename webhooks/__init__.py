"""Where providers and visitors' pages call in: one module per channel and provider, over one skeleton.

skeleton.py                                   bound, authenticate, read, receive, answer
voice_twilio.py messaging_twilio.py           the phone and texts, from Twilio
email_mime.py email_sendgrid.py chat.py       raw e-mail, SendGrid's Inbound Parse, the chat's page
twilio_common.py email_common.py              what the modules of Twilio, and those of e-mail, share
sendgrid_signature.py token_auth.py           two ways of authenticating e-mail (Twilio's is in twilio_common.py)
"""
