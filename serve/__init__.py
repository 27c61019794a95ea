"""Publication: audited marts for readers, switched atomically."""
