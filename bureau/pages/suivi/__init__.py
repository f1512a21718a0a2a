"""`/suivi`: how a request stands."""
