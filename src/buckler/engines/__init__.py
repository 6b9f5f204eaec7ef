"""Facts in, exact answers out. Engines are pure functions over values and know nothing of each other."""
