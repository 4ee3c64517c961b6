"""The three agents, Newsquake's and the same in quixstreams, each on their own topics."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import earlier
from broker import Broker
from peer import Peer, script

from agents.cluster_layout import ClusterLayout
from schemas.channels import ACCEPTED, ALERTS, CHANNELS, RAW, SIGNALS

NEWSQUAKE = "Newsquake"
QUIX = "quixstreams, exactly once"
NAMES = (NEWSQUAKE, QUIX)


class Pipeline(NamedTuple):
    """A pipeline whose topics exist.

    Attributes:
        peer: the process to start.
        raw: topic of its input.
        accepted: topic of its first stage's output.
        signals: topic of its second stage's output.
        group: consumer group of its third stage.
    """

    peer: Peer
    raw: str
    accepted: str
    signals: str
    group: str


def names(checkout: Path | None) -> tuple[str, ...]:
    """Return the pipelines to compare; ``checkout`` is that of an earlier release."""
    return (*NAMES, earlier.title(checkout)) if checkout else NAMES


def prepare(
    name: str, broker: Broker, prefix: str, commit_interval: float, checkout: Path | None = None
) -> Pipeline:
    """Make the topics of the pipeline ``name`` under ``prefix``, and return the pipeline."""
    if name == QUIX:
        return _pipeline(*_quix(broker, prefix, commit_interval))
    if name == NEWSQUAKE:
        return newsquake(broker, prefix)
    pipeline = newsquake(broker, prefix, checkout=checkout)
    return pipeline._replace(peer=pipeline.peer._replace(name=name))


def newsquake(
    broker: Broker,
    prefix: str,
    settings: Mapping[str, str] | None = None,
    *,
    checkout: Path | None = None,
) -> Pipeline:
    """Make the topics of Newsquake's pipeline under ``prefix``.

    Args:
        broker: The broker.
        prefix: The prefix of its topics.
        settings: Variables of the worker.
        checkout: The folder of another release; None is this one.
    """
    environ = {
        "NEWSQUAKE_KAFKA__BOOTSTRAP": broker.bootstrap,
        "NEWSQUAKE_KAFKA__PREFIX": prefix,
        "NEWSQUAKE_NLP__MODEL": "null",
        "NEWSQUAKE_COMPANIES__FIND": "false",  # the other pipeline looks for none either
        **(earlier.environment(checkout) if checkout else {}),
        **(settings or {}),
    }
    command = (sys.executable, "-c", "from cli.main import app; app()")
    create = (*command, "topics", "create")
    # Python looks into the working directory before it looks into PYTHONPATH.
    subprocess.run(
        create, cwd=checkout, env={**os.environ, **environ}, check=True, stdout=sys.stderr
    )
    peer = Peer(NEWSQUAKE, (*command, "worker"), environ)
    return _pipeline(peer, prefix, f"{prefix}newsquake-detect")


def _pipeline(peer: Peer, prefix: str, group: str) -> Pipeline:
    raw, accepted, signals = (prefix + channel.topic for channel in (RAW, ACCEPTED, SIGNALS))
    return Pipeline(peer, raw, accepted, signals, group)


def _quix(broker: Broker, prefix: str, commit_interval: float) -> tuple[Peer, str, str]:
    layout, needed = ClusterLayout(), CHANNELS[: CHANNELS.index(ALERTS) + 1]
    for channel in needed:
        broker.create([prefix + channel.topic], layout.count(channel))
    group = f"{prefix}quix"
    arguments = (broker.bootstrap, prefix, group, str(commit_interval))
    return script(QUIX, "quix_pipeline.py", *arguments), prefix, group
