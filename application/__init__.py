"""The composition root: settings, wiring, processes, commands. It imports everything; nothing imports it."""
