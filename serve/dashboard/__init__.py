"""The dashboard: one page over the published data, served on loopback or exported as one HTML file."""
