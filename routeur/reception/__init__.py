"""Everything that comes in from usagers: arrivals, further messages, a usager who leaves or has their answer."""
