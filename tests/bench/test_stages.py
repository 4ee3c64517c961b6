"""The costs of agents are measured part by part."""

import asyncio

from stages import PARTS, run


def test_every_part_of_every_agent_has_a_cost() -> None:
    """A part that does not run would look like one that became fast."""
    costs = asyncio.run(run(200))
    names = {f"{agent} {part}" for agent in ("ingest", "score", "detect") for part in PARTS}
    assert costs.keys() == names
    assert all(cost > 0.0 for cost in costs.values())
