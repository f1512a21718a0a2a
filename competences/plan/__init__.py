"""The routing plan: one YAML document, read part by part, judged as a whole, its faults said in words."""
