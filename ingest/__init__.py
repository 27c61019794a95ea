"""Extract and load: files and APIs into the raw tables, unchanged, exactly once, accounted for."""
