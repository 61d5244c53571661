"""The index over the archive: SQL tables, and queries in the domain's words.

Hides the database (SQLite by default, PostgreSQL by URL). Everything derived here can be restored from the store alone by
`scraper rebuild`; the operational tables (host clocks, cursors, the queue) are safe to lose.
"""
