"""The one file that binds agents to topics: what `newsquake worker` runs."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

from agents.cluster_layout import ClusterLayout
from agents.detect import Detect
from agents.ingest import Ingest
from agents.outlet import Outlet
from agents.score import Score
from agents.scoring.dedupe import DedupeSettings
from detection.rule import Rule
from nlp.classifier import Classifier
from nlp.companies.finder import CompanyFinder
from schemas.channels import (
    ACCEPTED,
    ALERTS,
    DEAD,
    RAW,
    SCORED,
    SIGNALS,
    STATE_DETECT,
    STATE_SCORE,
    Channel,
)
from schemas.incoming.decode import MAX_BYTES
from streams.core.errors import Misconfigured
from streams.core.handler import Handler
from streams.core.stage import Stage

NAMES: Final = ("ingest", "score", "detect")
"""Every stage, in the order in which an article passes them."""
AT_ONCE: Final = 1_000
"""Articles given to the model at a time: a second's work for a small one on two cores, and enough
for batches of similar length. Without a limit it would be all that the last fetches returned, and
nothing would be committed for as long as a model takes for that."""
TICK: Final = 1.0
"""Seconds of silence after which the detector looks whether waiting signals may go."""


def build_stages(  # noqa: PLR0913 - one for each part of the settings
    names: Iterable[str],
    *,
    cluster: ClusterLayout,
    classifier: Classifier,
    rule: Rule | None = None,
    dedupe: DedupeSettings | None = None,
    companies: CompanyFinder | None = None,
    max_bytes: int = MAX_BYTES,
    version: str = "",
) -> list[Stage[Any]]:
    """The stages called ``names``, each once, in the order of `NAMES`.

    Raises:
        Misconfigured: a name is unknown, or there is none.
    """
    makers: dict[str, Callable[[], Stage[Any]]] = {
        "ingest": lambda: _ingest(cluster, max_bytes, version),
        "score": lambda: _score(
            cluster, classifier, dedupe or DedupeSettings(), companies, version
        ),
        "detect": lambda: _detect(cluster, rule or Rule(), version),
    }
    wanted = _known(names)
    return [makers[name]() for name in NAMES if name in wanted]


def _known(names: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(names)
    if unknown := sorted(wanted.difference(NAMES)):
        raise Misconfigured(f"no stage {', '.join(unknown)}: name any of {', '.join(NAMES)}")
    if not wanted:
        raise Misconfigured(f"no stage to run: name any of {', '.join(NAMES)}")
    return wanted


def _ingest(cluster: ClusterLayout, max_bytes: int, version: str) -> Stage[Any]:
    handler = Ingest(_outlet(cluster, ACCEPTED), max_bytes)
    return _stage(cluster, "ingest", RAW, handler, version=version)


def _score(
    cluster: ClusterLayout,
    classifier: Classifier,
    dedupe: DedupeSettings,
    companies: CompanyFinder | None,
    version: str,
) -> Stage[Any]:
    scored, signals = _outlet(cluster, SCORED), _outlet(cluster, SIGNALS)
    handler = Score(scored, signals, classifier, dedupe, companies)
    stage = _stage(cluster, "score", ACCEPTED, handler, STATE_SCORE, most=AT_ONCE, version=version)
    return replace(stage, starter=handler)


def _detect(cluster: ClusterLayout, rule: Rule, version: str) -> Stage[Any]:
    handler = Detect(_outlet(cluster, ALERTS), rule, lineages=cluster.partitions**2)
    stage = _stage(cluster, "detect", SIGNALS, handler, STATE_DETECT, tick=TICK, version=version)
    return replace(stage, rereader=handler)


def _outlet(cluster: ClusterLayout, channel: Channel) -> Outlet:
    return Outlet(channel, cluster.topic(channel.topic))


def _stage(  # noqa: PLR0913 - what a stage is made of
    cluster: ClusterLayout,
    name: str,
    source: Channel,
    handler: Handler[Any],
    changelog: Channel | None = None,
    *,
    tick: float | None = None,
    most: int | None = None,
    version: str,
) -> Stage[Any]:
    return Stage(
        name=name,
        group=cluster.topic(f"newsquake-{name}"),
        source=cluster.topic(source.topic),
        handler=handler,
        dead=cluster.topic(DEAD.topic),
        changelog=cluster.topic(changelog.topic) if changelog else None,
        tick=tick,
        most=most,
        version=version,
    )
