"""Measurements of the pipeline: `python -m bench` (see docs/performance.md). No part of the product."""
