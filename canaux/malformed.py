"""What a channel cannot read."""


class MalformedMessage(Exception):
    """What the provider sent is not what it should be; sending it again will not help."""
