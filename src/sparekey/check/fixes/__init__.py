"""What to change so that a key can be made, and the proof that nobody else gains by it."""
