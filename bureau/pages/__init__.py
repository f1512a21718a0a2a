"""The pages that people see, each in a folder: blueprint, template, style."""
