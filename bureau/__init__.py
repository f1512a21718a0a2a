"""Where the staff and the public meet the system over HTTP: the JSON API, and the pages.

`access/` says who may do what; `http/` how a request is read and answered; `schemas/` what goes in and out;
`api/` answers each operation from the router's services; `pages/` holds one folder for each page.
It imports `canaux`, `routeur` and `competences`; only `application` imports it, and it does not know `webhooks`.
"""
