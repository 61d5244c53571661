"""The demonstration: replica outlets on loopback, ten simulated days, and the daemon's own jobs driven over them.

Hides that nothing of it is real but the program: the markup is the outlets', every article is invented.
"""
