"""Telling other systems what happens, by HTTP, signed as the Standard Webhooks specification says."""
