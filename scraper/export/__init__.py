"""What the archive gives to other programs: feeds and files of others' forms. No page is fetched here and nothing is decided."""
