"""Tables of facts, each with its source and date in its header, read lazily through small typed functions."""
