"""The annex: what runs inside other people's functions. It stands alone: nothing here imports buckler, and nothing imports it."""
