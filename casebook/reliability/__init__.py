"""Agreement between independent coders, and the blank sheets for it."""
