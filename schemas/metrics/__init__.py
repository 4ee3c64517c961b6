"""Metrics of a worker: what they are, their names, and what they count."""
