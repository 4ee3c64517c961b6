"""The page about backups: its commands run as they stand there, and its table is the code's."""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from agents.backup import MEMORIES
from schemas.channels import CHANNELS
from tests.streams.conditions import articles, settings

PAGE = Path(__file__).parents[2] / "docs/how-to/back-up-and-restore.md"
ARTICLES = 20


def commands() -> list[list[str]]:
    """Return the commands of each block of the page."""
    blocks = re.findall(
        r"^```console\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    return [re.findall(r"^\$ (.+)$", block, re.MULTILINE) for block in blocks]


async def delete_topics(bootstrap: str, prefix: str) -> None:
    """Delete all topics with a prefix, as when a disk is lost, and wait until they are gone."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    while names := [name for name in await admin.list_topics() if name.startswith(prefix)]:
        await admin.delete_topics(names)
        await asyncio.sleep(1.0)
    await admin.close()


@pytest.mark.kafka
@pytest.mark.timeout(900)
def test_the_commands_of_the_page_bring_the_news_back(
    kafka: str, prefix: str, tmp_path: Path
) -> None:
    """An operator who follows the page on the day of a lost disk would stand before an error."""
    environment = settings(kafka, NEWSQUAKE_KAFKA__PREFIX=prefix)
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    (tmp_path / "news.jsonl").write_text(articles(ARTICLES))
    before = ["newsquake topics create", "newsquake publish news.jsonl"]
    after = "newsquake topics list"
    printed = []
    for number, lines in enumerate([before, *commands(), [after]]):
        script = "\n".join(lines).replace("rehearsal.", f"{prefix}rehearsal.")
        script = script.replace("--from-prefix ''", f"--from-prefix {prefix}")
        if number and lines[0] == "newsquake topics create":
            asyncio.run(delete_topics(kafka, prefix))
        done = subprocess.run(
            ["/bin/bash", "-ec", script], cwd=tmp_path, env=environment, capture_output=True,
            text=True, timeout=240, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (script, done.stdout, done.stderr)
        printed.append(done.stdout)
    assert [text.count("imported: start the workers") for text in printed] == [0, 0, 0, 1, 1, 0, 0]
    document = json.loads(printed[-2])
    counts = {"news.raw": 0}
    for section in document["sections"]:
        counts[section["topic"]] = counts.get(section["topic"], 0) + section["records"]
    assert counts["news.raw"] == ARTICLES
    assert document["prefix"] == prefix
    assert re.search(
        rf"^{re.escape(prefix)}news\.raw +partitions 2 +offsets 2\d$", printed[-1], re.MULTILINE
    )


def test_the_table_of_the_page_has_every_topic() -> None:
    """An operator would believe in the backup of a topic that is not in it, or miss one."""
    text = PAGE.read_text("utf-8")
    rows = re.findall(r"^\| (`.+`) \| (.+) \|$", text, re.MULTILINE)
    named = {name: words for cell, words in rows for name in re.findall(r"`([^`]+)`", cell)}
    assert named.keys() == {channel.topic for channel in CHANNELS}
    whole = {name for name, words in named.items() if words == "all of it"}
    assert whole == {channel.topic for channel in MEMORIES}
