"""Who may do what.

`accounts` checks passwords and `tokens` remembers log-ins. `gate` turns a request into a `principal` with a role
(`csrf` proves that a browser's request was meant). `permissions` says which contacts a principal may read.
"""
