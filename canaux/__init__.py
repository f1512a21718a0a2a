"""The channels: what usagers send, read into one inbound, and what they are told, carried out.

email/ voice/ chat/ messaging/   one folder per channel; a channel that reaches out has a `channel.py`
                                 (somebody at the counter is typed in at the desk: bureau/api/walk_in.py)
enquiries/                       how a request stands, asked without a log-in
twilio/ sendgrid.py smtp.py      the providers; development.py: their twins where no provider is named
interfaces.py                    what the channels ask of a provider
wording, online_services, addresses, clean_text, malformed, throttle, server_sent, bounded_body: what they share
"""
