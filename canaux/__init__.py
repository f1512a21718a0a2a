"""The channels: what usagers send, read into one inbound, and what they are told, carried out.

email/ voice/ chat/ messaging/   one folder per channel; a channel that reaches out has a `channel.py`
enquiries/                       how a request stands, asked without a log-in
twilio/ sendgrid.py smtp.py      the providers; console.py: their twins for development
interfaces.py                    what the channels ask of a provider
wording, self_service, clean_text, malformed, throttle, server_sent, bounded_body: what they share
"""
