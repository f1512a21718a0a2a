"""The processes of a running town hall: `web`, `worker` and `dispatch_loop`.

`run` starts them all, with an `embedded_redis` where none is named, under a `supervisor`.
"""
