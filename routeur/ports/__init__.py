"""What crosses the router's border, both ways: inbound messages, news for the channels, the outbox, events."""
