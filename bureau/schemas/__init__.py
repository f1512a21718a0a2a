"""The shapes of the API's `requests` and `answers`, and the `fields` that requests are made of."""
