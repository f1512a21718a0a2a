"""Puts the parts together: `core` once per process, with the channels' `adapters` and the `redis_clients`.

`blueprints` mounts the HTTP edges; `health` and `metrics` answer to those who watch the processes, `mailbox_sign` to
`metrics`.
"""
