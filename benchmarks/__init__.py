"""What this program costs beside others that do the same work, measured in one run (`make bench`; see README.md)."""
