"""What people on the staff are told as it happens: a snapshot, then events that bring it up to date.

The router's stream of events says that something happened to a contact or an agent, not what. `shown` keeps in mind
what a reader was told, and finds what is different. `desk_things` reads what a desk shows and `desk_teller` tells its
reader what is different on it; `overview_teller` does both for supervisors; `streams` keeps either going.
"""
