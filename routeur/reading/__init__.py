"""What people may look at: contacts, follow-ups, agents, figures. Reads only; contacts are overlaid with the index."""
