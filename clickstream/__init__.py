"""Clickstream warehouse: raw web events in, audited page-view marts out."""
