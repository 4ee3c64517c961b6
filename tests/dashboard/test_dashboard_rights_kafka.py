"""The rights of the dashboard: with exactly these all pages are shown, and each is needed."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from pydantic import SecretStr

from agents.access import ROLES, Right
from agents.cluster_layout import ClusterLayout
from agents.pipeline import AGENTS
from infra.kafka.embedded import EmbeddedKafka
from schemas.scored import ScoredArticle
from streams.core.record import Stored
from tests.dashboard.live import new_cluster, running, write
from tests.streams.secured import PASSWORD, SecuredListeners, grant

pytestmark = pytest.mark.kafka

RIGHTS = ROLES["dashboard"]
USERS = {f"u{number}": missing for number, missing in enumerate((None, *RIGHTS))}
"""Users, each with all rights but one."""


@pytest.fixture
def secured(jar_cache: Path) -> Iterator[SecuredListeners]:
    """A broker that asks for rights."""
    listeners = SecuredListeners(USERS)
    with EmbeddedKafka(jar_cache, port=listeners.open, properties=listeners.properties()):
        yield listeners


async def problems(login: ClusterLayout, key: str) -> dict[str, str]:
    """Return what a user of the dashboard reads where a part of the pages does not work."""
    async with running(login, "live away") as client:
        async with asyncio.timeout(60):
            while True:
                flow = (await client.get("/api/flow")).json()
                if flow["agents"] or "kafka-acls" in flow["problem"]:
                    break
                await asyncio.sleep(0.2)
        raw = await client.get(f"/api/articles/{key}/raw")
        silence = {"subject": "company:AAPL", "for": "1h", "who": "ada"}
        replay = await client.get("/api/replay-plan")
        said = await client.post("/api/silences", json=silence)
        words = {
            "news": flow["feed"]["problem"],
            "flow": flow["problem"],
            "raw": raw.json().get("error", ""),
            "replay": replay.json().get("error", ""),
            "silence": said.json().get("error", ""),
        }
    # Without the news there is no article to look for.
    return {part: text for part, text in words.items() if text and "no article" not in text}


def parts(missing: Right) -> set[str]:
    """Return the parts of the pages that need a right."""
    if missing.resource == "group" or missing.operation == "Describe":
        return {"flow"}
    if missing.operation == "Write":
        return {"silence"}
    sources = {agent.source.topic for agent in AGENTS.values()}
    shown = {"news.raw": {"raw"}, "state.replays": {"replay"}, "news.dead": {"news", "replay"}}
    flow = {"flow"} if missing.name in sources else set()
    return shown.get(missing.name, {"news"}) | flow


async def test_each_right_of_the_dashboard_is_needed_and_they_are_enough(
    secured: SecuredListeners, topics: Mapping[str, list[Stored]], raw: list[Stored]
) -> None:
    """Operators would grant too much, or see an empty page and not know which right is missing."""
    await grant(
        secured.administrator,
        [
            (user, f"{user}.", right)
            for user, missing in USERS.items()
            for right in RIGHTS
            if right != missing
        ],
    )
    key = ScoredArticle.from_bytes(topics["news.scored"][0].value).article.key
    for user, missing in USERS.items():
        cluster = await new_cluster(secured.administrator, f"{user}.")
        await write(cluster, [*raw[:20], *topics["news.scored"][:20]])
        login = ClusterLayout(
            bootstrap=f"127.0.0.1:{secured.login}", prefix=cluster.prefix, partitions=2,
            security="SASL_PLAINTEXT", username=user, password=SecretStr(PASSWORD),
        )  # fmt: skip
        found = await problems(login, key)
        if missing is None:
            assert found == {}
            continue
        assert found.keys() == parts(missing), (missing, found)
        for text in found.values():
            assert "kafka-acls" in text, text
            assert text.count(f"{user}.{missing.name}") >= 2, "what it is, and the remedy"
