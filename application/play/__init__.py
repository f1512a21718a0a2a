"""`routeur play`: a morning at the town hall, compressed, sent over HTTP as providers, citizens and agents would.

`morning/` writes beforehand what happens and when. The `director` carries it out on a `stage`: each phone call, e-mail,
text conversation, chat visitor, person at the counter and agent acts in a thread of its own. `http_client` sends,
`tally` counts, `watch` and `show` tell the operator, and `report` looks up afterwards what became of it all.
"""
