"""`/suivi`, where a person follows their request."""
