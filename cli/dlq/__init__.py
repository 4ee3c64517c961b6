"""``newsquake dlq``: list, show, count, replay and purge dead letters."""
