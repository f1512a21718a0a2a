"""E-mail: a raw message read into an inbound, letters composed, threads found again."""
