"""Dead letters as a workplace: what is chosen, what a replay writes, and what it remembers.

`letters.py` reads them, `selection.py` chooses, `decide.py` decides about one letter without Kafka,
`replay_records.py` remembers which were replayed, `replay.py` and `purge.py` carry it out over any
log.
"""
