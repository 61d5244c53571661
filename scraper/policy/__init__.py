"""Decisions, all of them pure: what an answer was, when to come back, which date is right, what changed, what is missing.

Hides the rules; knows values and the `now` it is given, never a store, a socket or a clock.
"""
