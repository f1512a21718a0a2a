"""The morning as it is written beforehand. No I/O: the same plan and the same seed give the same morning."""
