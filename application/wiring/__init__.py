"""Puts the parts together: one core per process, the channels' ways out, the HTTP edges."""
