"""What the `routeur` command does, one module per group of commands."""
