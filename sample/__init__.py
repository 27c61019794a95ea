"""The sample shop: event logs, catalogue and orders with known defects, and the truth about them."""
