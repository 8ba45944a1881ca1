"""The search for a better recipe: where it looks, how it spends the time, and how its best is confirmed."""
