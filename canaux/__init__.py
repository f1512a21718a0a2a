"""The channels: what usagers send, read into one inbound, and what they are told, carried out.

email/ voice/ chat/ messaging/   one folder per channel; a channel that reaches out has a `channel.py`
                                 (somebody at the counter is typed in at the desk: bureau/api/walk_in.py)
enquiries/                       how a request stands, asked without a log-in
twilio/ imap/ sendgrid.py smtp.py  the providers; development.py: their twins where no provider is named
provider_interfaces.py           what is asked of a provider (so far, never to delete its recordings);
                                 a new provider implements it in a folder beside twilio/, with a module in webhooks/
locales/                         the words in French; in English they stand in the code
                                 (acknowledgements: email/outgoing/letters.py, messaging/answers.py)
wording, online_services, addresses, clean_text, malformed, throttle, server_sent, bounded_body: what they share
"""
