"""The queue and the router, over the record and the index; README.md is the map."""
