"""Who can answer what, and when. Pure: no Flask, SQL or Redis, and no other folder of ours is imported.

`skills`, `channels`, `words` and `translation` stand at the bottom: everything else is said in them.
`plan/` is the routing plan. From it follow `calendar` (opening hours, working days, and the public holidays that the
plan names: the departments of Alsace-Moselle and overseas are known), `due_dates` (who answers by when; it asks the
calendar for working days, which leave out weekends, public holidays and closures, and rules the rest itself),
`legal_clock` (when silence decides a request), `ladder` (what a contact requires as it waits) and `versatility`
(which agents to keep free).
`sheets/` reads, checks, fills and searches the procedure sheets; `recognition/` finds the topic of a text.
`topics/` holds no code: one folder of data for each topic.
"""
