"""Values: everything buckler knows, as frozen data. Imports nothing of ours but itself, and nothing of weight but msgspec."""
