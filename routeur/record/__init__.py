"""The record: every fact, in SQL."""
