"""The pages that people see in a browser, each in a folder of its own: blueprint, template, style."""
