"""How pages are asked for: client, robots, pace, address guard, limits, and the only HTTP retry layer."""
