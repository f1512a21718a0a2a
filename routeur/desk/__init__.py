"""The desk: an agent comes and goes, takes contacts, answers, passes them on, finishes them."""
