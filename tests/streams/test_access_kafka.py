"""The rights of each role: with exactly these it works, and without any one of them it does not."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import ClusterAuthorizationFailedError
from pydantic import SecretStr

from agents.access import ROLES, Right
from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import required_topics
from agents.pipeline import AGENTS
from cli.io.feedback import add_texts, latest_corrections
from infra.kafka.embedded import EmbeddedKafka
from streams.core.errors import Misconfigured
from streams.kafka.connection import client_options
from tests.streams.commands import Commands, commands
from tests.streams.conditions import articles
from tests.streams.roles import CASES, GROWER, ONCE, RESTORER, SKIPPER, Case, records
from tests.streams.secured import PASSWORD, SecuredListeners, grant

pytestmark = pytest.mark.kafka
DEAD_LETTERS = {
    "replayer": ["dlq", "replay", "--max", "10", "--yes"],
    "purger": ["dlq", "purge", "--before", "2100-01-01", "--waiting", "--yes"],
}


ROUTES = '{"desk": {"to": "webhook", "url": "https://desk.example/alerts"}}'
"""A route to nobody: what is to be told waits in the memory."""


class Users(NamedTuple):
    """The broker and the commands that its users run."""

    listeners: SecuredListeners
    commands: Commands


async def prepare(bootstrap: str) -> None:
    """Make all topics but those of operators, send a record of each kind, and grant all rights."""
    await grant(
        bootstrap,
        [
            (case.user, case.prefix, right)
            for case in (*CASES, *ONCE)
            for right in ROLES[case.role]
            if right != case.missing
        ],
    )
    others = [case for case in (*CASES, *ONCE) if case.role != "operator"]
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    for case in others:  # a broker makes about a thousand in one request, and no more
        cluster = ClusterLayout(bootstrap=bootstrap, prefix=case.prefix, partitions=1)
        topics = required_topics(cluster, timedelta(days=7))
        new = [NewTopic(topic.name, 1, 1, topic_configs=dict(topic.config)) for topic in topics]
        answer = await admin.create_topics(new)
        assert all(not code for _, code, *_ in answer.topic_errors), answer
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for case in others:
            for number, (topic, value, headers) in enumerate(records(case)):
                key = b"0@0" if topic.endswith("state.replays") else b"%d" % number
                await producer.send(topic, value, key=key, headers=headers)
        await producer.flush()


@pytest.fixture(scope="module")
def users(jar_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Users]:
    """A broker that asks for rights, with a user for each case."""
    listeners = SecuredListeners(case.user for case in (*CASES, *ONCE))
    broker = EmbeddedKafka(jar_cache, port=listeners.open, properties=listeners.properties())
    with broker, commands(tmp_path_factory.mktemp("commands")) as server:
        asyncio.run(prepare(listeners.administrator))
        yield Users(listeners, server)


def arguments(case: Case, folder: Path) -> list[str]:
    """Return a command of the role, which needs the missing right."""
    if case.role in AGENTS:
        return ["worker", "--agents", case.role]
    if case.role == "producer":
        news = folder / f"{case.user}.jsonl"
        news.write_text(articles(1))
        return ["publish", str(news)]
    if case.role == "source":
        spool = folder / case.user
        spool.mkdir()
        (spool / "news.jsonl").write_text(articles(1))
        return ["source", "directory", str(spool), "--once", "--interval", "0.2"]
    if case.role == "reader":
        topic = case.missing.name if case.missing else "alerts"
        return ["watch", topic.removeprefix("news."), "--from-beginning", "--until-idle", "0.5"]
    if case.role == "silencer":
        return silencing(case.missing)
    others = {"archivist": ["state", "export", str(folder / case.user)], **DEAD_LETTERS}
    return others.get(case.role, ["topics", "create"])


def silencing(missing: Right | None) -> list[str]:
    """Return a command of the silencer, which needs the missing right."""
    if missing and missing.name == "alerts":
        return ["ack", "1"]
    if missing and (missing.name, missing.operation) == ("news.silences", "Read"):
        return ["silence", "list"]
    # Only a subject that is in no list is looked for in the detector's memory.
    subject = "company:NOBODY" if missing and missing.name == "state.detect" else "company:AAPL"
    return ["silence", subject, "--for", "1h", "--why", "a test"]


def outcome(users: Users, case: Case, folder: Path) -> str:
    """Run the command of ``case`` until it fails, or has done its work; return what it printed."""
    environment = users.listeners.settings(case.user, case.prefix)
    if case.role == "notify":
        environment["NEWSQUAKE_NOTIFY__ROUTES"] = ROUTES
    if case.role == "operator" and case.missing and case.missing.operation == "Read":
        # The layout record is read only once there is one.
        assert users.commands.start(environment, arguments(case, folder)).wait() == 0
    command = users.commands.start(environment, arguments(case, folder))
    if case.role not in AGENTS:
        assert command.wait() == (1 if breaks(case) else 0), (case, command.text)
    elif breaks(case):
        assert command.wait() == 1, (case, command.text)
    else:
        command.wait_for("first dead letter")
        command.wait_for("first records committed")
    assert "Traceback" not in command.text, (case, command.text)
    return command.text


def breaks(case: Case) -> bool:
    """Return whether the command can't do its work; without DescribeConfigs it only warns."""
    return case.missing is not None and case.missing.operation != "DescribeConfigs"


OTHERS = {"reviewer", "trainer", "grower", "restorer", "dashboard"}
"""Roles that have a test of their own, the dashboard in its room."""


@pytest.mark.parametrize("role", [role for role in ROLES if role not in OTHERS])
def test_each_right_of_a_role_is_needed_and_they_are_enough(
    users: Users, role: str, tmp_path: Path
) -> None:
    """Operators would grant too much, or find out one right a day what is missing."""
    cases = [case for case in CASES if case.role == role]
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(outcome, users, case, tmp_path) for case in cases]
        texts = [future.result() for future in futures]
    for case, text in zip(cases, texts, strict=True):
        if case.missing is None:
            assert "kafka-acls" not in text
            assert "DescribeConfigs" not in text
            continue
        words = (place(case.missing), remedy(case.missing))
        assert any(all(word in line for word in words) for line in text.splitlines()), (case, text)


def remedy(right: Right) -> str:
    """Return the word by which the line must say what to do."""
    remedies = {"DescribeConfigs": "DescribeConfigs", "Create": "newsquake acls operator"}
    return remedies.get(right.operation, "kafka-acls")


def place(right: Right) -> str:
    """Return the words by which the line must name the resource; ids are named by their prefix."""
    return right.name if right.resource != "transactional-id" else "--transactional-id"


def test_records_are_skipped_with_the_rights_of_the_agent(users: Users) -> None:
    """Whoever mends a partition at night would first have to ask for more rights."""
    environment = users.listeners.settings(SKIPPER.user, SKIPPER.prefix)
    skip = ("topics", "skip", "news.raw", "0", "0", "--reason", "a test", "--yes")
    assert "goes on at offset 1" in users.commands.run(environment, *skip).text


def test_topics_grow_with_the_rights_of_the_grower(users: Users) -> None:
    """Growing would stop half way, with all workers told to wait."""
    environment = users.listeners.settings(GROWER.user, GROWER.prefix)
    text = users.commands.run(environment, "topics", "grow", "--partitions", "2", "--yes").text
    moved = [line for line in text.splitlines() if "moved to the partitions" in line]
    assert "the topics have 2 partitions" in text, text
    assert all(": 0 " not in line for line in moved), moved


def test_a_backup_is_imported_with_the_rights_of_the_restorer(users: Users, tmp_path: Path) -> None:
    """An import would stop half way, with all workers told to wait."""
    archivist = next(case for case in CASES if case.role == "archivist" and not case.missing)
    environment = users.listeners.settings(archivist.user, archivist.prefix)
    file = str(tmp_path / "backup")
    assert "wrote" in users.commands.run(environment, "state", "export", file).text
    environment = users.listeners.settings(RESTORER.user, RESTORER.prefix)
    command = ("state", "import", file, "--from-prefix", archivist.prefix)
    text = users.commands.run(environment, *command).text
    assert "imported: start the workers" in text, text
    assert "DescribeConfigs" not in text


async def test_corrections_are_sent_and_read_with_the_rights_of_their_roles(users: Users) -> None:
    """Reviewers would need the rights of agents, or `newsquake adapt` fail without a reason."""
    for case in CASES:
        cluster = ClusterLayout(
            bootstrap=f"127.0.0.1:{users.listeners.login}", prefix=case.prefix, partitions=1,
            security="SASL_PLAINTEXT", username=case.user, password=SecretStr(PASSWORD),
        )  # fmt: skip
        if case.role == "trainer" and case.missing is None:
            assert await add_texts(cluster, await latest_corrections(cluster)) == []
        elif case.role == "trainer" and case.missing:
            with pytest.raises(Misconfigured, match=rf"{case.missing.name}.*kafka-acls"):
                await add_texts(cluster, await latest_corrections(cluster))
        elif case.role == "reviewer":
            # Without any topic to write to, the broker refuses an idempotent producer.
            expected = pytest.raises(ClusterAuthorizationFailedError)
            with expected if case.missing else nullcontext():
                async with AIOKafkaProducer(
                    **client_options(cluster), enable_idempotence=True
                ) as producer:
                    await producer.send_and_wait(f"{case.prefix}news.feedback", b"{}", key=b"1")


def test_the_printed_commands_have_every_right_of_the_worker(users: Users) -> None:
    """Operators would run them, and still find a worker that lacks a right."""
    environment = users.listeners.settings("u0", "eu.")
    text = users.commands.run(environment, "acls", "worker", "--user", "quake").text
    rights = {
        (resource, name, operation)
        for line in text.splitlines()
        for resource, name in re.findall(r"--(topic|group|transactional-id) '([^']+)'", line)
        for operation in re.findall(r"--operation (\w+)", line)
    }
    expected = {
        (right.resource, f"eu.{right.name}", right.operation)
        for name, agent in AGENTS.items()
        if not agent.is_edge
        for right in ROLES[name]
    }
    assert rights == expected
    assert all("'User:quake'" in line for line in text.splitlines())
