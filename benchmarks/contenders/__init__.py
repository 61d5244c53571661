"""The programs compared: each module is run as `python -m benchmarks.contenders.NAME BASE PAGES DIRECTORY`."""
