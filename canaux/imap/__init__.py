"""E-mail on its way in, from a mailbox on an IMAP server: its `address`, and the `mailbox`."""
