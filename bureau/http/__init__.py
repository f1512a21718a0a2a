"""How the API speaks: endpoints, problems, streams, its description."""
