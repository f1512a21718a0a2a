"""The composition root: it imports everything, and nothing imports it.

`settings` reads the environment, `wiring/` puts one core per process together from it, `processes/` runs the processes
of a town hall, and `cli` with `commands/` is the `routeur` command. `letter_box` hands letters to the web
server, for a mail server and for the `mail_round` from a mailbox. `demo` and `play/` are for demonstrations.
"""
