"""The artifact engine: archives read without trusting them, what is in them, and whether it is what it says. Pure: bytes in, values out."""
