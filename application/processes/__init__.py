"""The processes of a running town hall: `web`, `worker`, `dispatch_loop` and, where a mailbox is named, `mailbox`.

`worker` lists the jobs, and what runs once an hour; `jobs` only bounds what a job may be.
`run` starts them all, with an `embedded_redis` where none is named, under a `supervisor`.
"""
