"""The use cases, one short file each: what the command line and the daemon call, and what returns a `Report`.

Hides the order of asking, archiving, indexing and reading. A job is given its `Services`; it constructs nothing and reads
no clock of its own.
"""
