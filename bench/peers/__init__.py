"""Other tools doing the core of the work: read, deduplicate, count views per product and day, write Parquet.

Each module is a script: `python MODULE.py LOGS OUTPUT`; LOGS holds the log files' names, one a line.
"""
