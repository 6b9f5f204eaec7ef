"""The world to facts: the only rooms that read files and accounts."""
