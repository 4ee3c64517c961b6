"""The commands of people behind a login: each works with its role, and names the right it lacks."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from agents.access import ROLES, Right
from agents.cluster_layout import ClusterLayout
from agents.event_message import event_message
from agents.kafka_topics import NEWS, required_topics
from agents.pipeline import AGENTS
from infra.kafka.embedded import EmbeddedKafka
from schemas.dead_letter import DeadLetter
from streams.kafka.topics import create_topics
from tests.agents.notifying.conftest import alert
from tests.streams.commands import Command, Commands, commands
from tests.streams.conditions import articles
from tests.streams.roles import NOW
from tests.streams.secured import SecuredListeners, grant

pytestmark = pytest.mark.kafka
PREFIX = "eu."
GROUP = Right("group", "desk", "Read")
WORKER = tuple(dict.fromkeys(right for name in AGENTS for right in ROLES[name]))
SHORT = ("--until-idle", "1", "--from-beginning")
COMMANDS: list[tuple[str, tuple[str, ...], str]] = [
    ("producer", ("publish", "{news}"), "news.raw"),
    *[
        ("reader", ("watch", what, *SHORT), topic)
        for what, topic in (
            ("alerts", "alerts"),
            ("scored", "news.scored"),
            ("signals", "news.signals"),
            ("dead", "news.dead"),
            ("silences", "news.silences"),
        )
    ],
    ("reader", ("watch", "alerts", "--group", "desk", *SHORT), "alerts"),
    ("reader", ("alerts", "list"), "news.silences"),
    ("reader", ("alerts", "show", "id-company"), "news.silences"),
    ("reader", ("silence", "list"), "news.silences"),
    ("silencer", ("silence", "company:AAPL", "--for", "1h", "--why", "a test"), "news.silences"),
    ("silencer", ("silence", "list", "--all"), "news.silences"),
    ("silencer", ("ack", "id-company", "--why", "a test"), "alerts"),
    ("replayer", ("dlq", "list"), "news.dead"),
    ("replayer", ("dlq", "show", "0@0"), "news.dead"),
    ("replayer", ("dlq", "stats"), "news.dead"),
    ("replayer", ("dlq", "replay", "--max", "1"), "news.dead"),
    ("purger", ("dlq", "purge", "--before", "2000-01-01"), "news.dead"),
    ("operator", ("topics", "list"), "news.raw"),
    ("operator", ("topics", "create"), "news.raw"),
    ("archivist", ("state", "export", "{backup}"), "newsquake-"),
]
"""The role, the command, and a resource that a user without rights is told of."""


class Site(NamedTuple):
    """The broker and the commands that its users run."""

    listeners: SecuredListeners
    commands: Commands

    def start(self, user: str, arguments: Sequence[str]) -> Command:
        """Start a command as ``user``."""
        return self.commands.start(self.listeners.settings(user, PREFIX), arguments)


def users() -> dict[str, tuple[Right, ...]]:
    """Return the rights of each user: of a role, or of a dashboard less one right, or none."""
    everybody = {role: ROLES[role] for role, _, _ in COMMANDS}
    everybody |= {"worker": WORKER, "nobody": (), "dashboard": ROLES["dashboard"]}
    for number, missing in enumerate(ROLES["dashboard"]):
        everybody[f"d{number}"] = tuple(r for r in ROLES["dashboard"] if r != missing)
    return everybody


async def prepare(bootstrap: str) -> None:
    """Make the topics, grant the rights, and write an alert and a dead letter."""
    cluster = ClusterLayout(bootstrap=bootstrap, prefix=PREFIX, partitions=1)
    await create_topics(cluster, required_topics(cluster, NEWS))
    granted = [(user, PREFIX, right) for user, rights in users().items() for right in rights]
    await grant(bootstrap, [*granted, ("reader", "", GROUP)])
    topic = cluster.topic("alerts")
    message = event_message(topic, alert(), key="company:ACME", event_id="1", time=NOW)
    letter = DeadLetter(reason="model", stage="score").to_headers()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        headers = list(message.headers)
        await producer.send_and_wait(topic, message.value, key=message.key, headers=headers)
        await producer.send_and_wait(cluster.topic("news.dead"), b"x", headers=letter)


@pytest.fixture(scope="module")
def site(jar_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A broker that asks for rights."""
    listeners = SecuredListeners(users())
    broker = EmbeddedKafka(jar_cache, port=listeners.open, properties=listeners.properties())
    with broker, commands(tmp_path_factory.mktemp("commands")) as server:
        asyncio.run(prepare(listeners.administrator))
        yield Site(listeners, server)


def outcomes(site: Site, folder: Path, user: str) -> list[Command]:
    """Run all commands, as ``user`` or else each with its role."""
    news = folder / "news.jsonl"
    news.write_text(articles(1))

    def run(number: int) -> Command:
        role, command, _ = COMMANDS[number]
        backup = str(folder / f"backup-{number}")
        arguments = [part.format(news=news, backup=backup) for part in command]
        ended = site.start(user or role, arguments)
        ended.wait(90)
        return ended

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(run, range(len(COMMANDS) - 1)))
    return [*ended, run(len(COMMANDS) - 1)]  # a backup wants that nobody writes meanwhile


def test_each_command_works_with_its_role(site: Site, tmp_path: Path) -> None:
    """People would be granted what a page says, and the command would refuse to work."""
    for (role, command, _), ended in zip(COMMANDS, outcomes(site, tmp_path, ""), strict=True):
        assert ended.code == 0, (role, command, ended.text)
        assert "kafka-acls" not in ended.text, (role, command, ended.text)


def test_each_command_names_what_a_user_lacks(site: Site, tmp_path: Path) -> None:
    """A person without rights would see a traceback, an empty list, or nothing for ever."""
    for (_, command, name), ended in zip(COMMANDS, outcomes(site, tmp_path, "nobody"), strict=True):
        if command == ("topics", "list"):  # what nobody may see is not there
            continue
        assert ended.code == 1, (command, ended.text)
        assert "Traceback" not in ended.text, (command, ended.text)
        lines = [line for line in ended.text.splitlines() if "acls" in line]
        assert any(name in line and "'nobody'" in line for line in lines), (command, ended.text)


def test_a_group_that_may_not_be_used_is_named(site: Site) -> None:
    """A desk that continues where it stopped would fail without a word about its group."""
    ended = site.start("reader", ["watch", "alerts", "--group", "other", *SHORT])
    assert ended.wait(60) == 1
    assert re.search(r"group other.*kafka-acls.*--group other", ended.text), ended.text


def test_the_doctor_knows_the_rights_of_a_worker(site: Site) -> None:
    """The doctor would send people with all rights to the cluster's administrators."""
    ended = site.start("worker", ["doctor", "--no-model", "--agents", ",".join(AGENTS)])
    ended.wait(90)
    assert f"'worker' may do all that {', '.join(AGENTS)} need".replace("'", "") in ended.text
    assert "lacks" not in ended.text, ended.text


def test_the_doctor_names_the_rights_that_are_missing(site: Site) -> None:
    """A worker would not start, and the doctor would find nothing."""
    ended = site.start("nobody", ["doctor", "--no-model"])
    assert ended.wait(90) == 1
    assert "Traceback" not in ended.text
    for name in ("topic eu.news.raw", "group eu.newsquake-ingest", "ids eu.newsquake-ingest-"):
        assert re.search(rf"'nobody' lacks .*{name}.*kafka-acls", ended.text), ended.text


async def dashboard_problems(site: Site, user: str) -> str:
    """Run a dashboard; return the problems that it tells, also when something is silenced."""
    command = site.start(user, ["dashboard", "--port", "0"])
    await asyncio.to_thread(command.wait_for, "ready http", 60.0)
    found = re.search(r"ready (http\S+)/", command.text)
    assert found, command.text
    async with httpx.AsyncClient(base_url=found[1], timeout=30) as client, asyncio.timeout(60):
        problems = ""
        while not problems:
            flow = (await client.get("/api/flow")).json()
            problems = flow["feed"]["problem"] + flow["problem"]
            if flow["feed"]["state"] == "live" and flow["agents"]:
                break
            await asyncio.sleep(0.2)
        word = {"subject": "company:AAPL", "for": "1h", "who": "ada", "why": "a test"}
        answer = await client.post("/api/silences", json=word)
        problems += "" if answer.status_code == 201 else answer.text
        plan = await client.get("/api/replay-plan")
        return problems + ("" if plan.status_code == 200 else plan.text)


async def test_the_dashboard_works_with_its_role(site: Site) -> None:
    """An operator would grant what a page says, and look at a page without news."""
    assert await dashboard_problems(site, "dashboard") == ""


async def test_the_dashboard_names_each_right_that_it_lacks(site: Site) -> None:
    """Pages would be empty, or lack an agent, and nobody knew why."""
    for number, missing in enumerate(ROLES["dashboard"]):
        problems = await dashboard_problems(site, f"d{number}")
        assert f"{PREFIX}{missing.name}" in problems, (missing, problems)
        assert "kafka-acls" in problems, (missing, problems)
