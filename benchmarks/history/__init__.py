"""A replayed history: two outlets live through weeks of scripted incidents, and the report is held against the script."""
