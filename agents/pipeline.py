"""The one file that binds agents to topics: what `newsquake worker` runs."""

from collections.abc import Callable, Iterable
from typing import Final

from agents.cluster_layout import ClusterLayout
from agents.detect import Detect
from agents.detecting.detector_state import DetectorState
from agents.ingest import Ingest
from agents.outlet import Outlet
from agents.score import Score
from agents.scoring.dedupe import DedupeSettings, SeenKeys
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
    STATE_POSITIONS,
    STATE_SCORE,
    Channel,
)
from schemas.incoming.decode import MAX_BYTES
from streams.core.errors import Misconfigured
from streams.core.handler import Handler, M
from streams.core.stage import AnyStage, Stage

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
) -> list[AnyStage]:
    """The stages called ``names``, each once, in the order of `NAMES`.

    Raises:
        Misconfigured: a name is unknown, or there is none.
    """
    makers: dict[str, Callable[[], AnyStage]] = {
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


def _ingest(cluster: ClusterLayout, max_bytes: int, version: str) -> Stage[None]:
    handler = Ingest(_outlet(cluster, ACCEPTED), max_bytes)
    return _stage(cluster, "ingest", RAW, handler, version=version)


def _score(
    cluster: ClusterLayout,
    classifier: Classifier,
    dedupe: DedupeSettings,
    companies: CompanyFinder | None,
    version: str,
) -> Stage[SeenKeys]:
    scored, signals = _outlet(cluster, SCORED), _outlet(cluster, SIGNALS)
    handler = Score(scored, signals, classifier, dedupe, companies)
    return _stage(
        cluster, "score", ACCEPTED, handler, STATE_SCORE, max_records=AT_ONCE, version=version
    )


def _detect(cluster: ClusterLayout, rule: Rule, version: str) -> Stage[DetectorState]:
    handler = Detect(_outlet(cluster, ALERTS), rule, lineages=cluster.partitions**2)
    return _stage(
        cluster, "detect", SIGNALS, handler, STATE_DETECT, tick_seconds=TICK, version=version
    )


def _outlet(cluster: ClusterLayout, channel: Channel) -> Outlet:
    return Outlet(channel, cluster.topic(channel.topic))


def _stage(  # noqa: PLR0913 - what a stage is made of
    cluster: ClusterLayout,
    name: str,
    source: Channel,
    handler: Handler[M],
    changelog: Channel | None = None,
    *,
    tick_seconds: float | None = None,
    max_records: int | None = None,
    version: str,
) -> Stage[M]:
    return Stage(
        name=name,
        group=cluster.topic(f"newsquake-{name}"),
        source=cluster.topic(source.topic),
        handler=handler,
        dead_letters=cluster.topic(DEAD.topic),
        changelog=cluster.topic(changelog.topic) if changelog else None,
        tick_seconds=tick_seconds,
        max_records=max_records,
        version=version,
        positions=cluster.topic(STATE_POSITIONS.topic),
    )
