"""The `routeur` command's actions, one module for each group. Each takes the settings and returns the exit status."""
