"""Measurements of speed and quality, always as a ratio to a baseline of the same run. `python -m bench` runs them.

`measure` takes turns between candidates; `report` shows and keeps the figures. `town`, `traffic`, `web_servers`,
`listener` and `bare` make what is measured; `decisions`, `throughput`, `offers`, `drain`, `webhooks`, `streams` and
`topics` measure it. `topics_compared` and `recognition_ways` make the tables of docs/text-to-topic.md.
"""
