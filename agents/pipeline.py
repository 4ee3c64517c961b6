"""The table of agents, and the stages that run them.

Everything that depends on which agents there are is derived from `AGENTS`: the order of the
pipeline, the values of the setting ``worker.agents`` and of ``--agents``, who needs a model, and
what the demo shows. docs/how-to/add-an-agent.md adds one.

Settings read this table, and every command reads the settings. So handlers, with all that they
import, are imported when they are made.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agents.asking.circuit import CircuitSettings
from agents.cluster_layout import ClusterLayout
from agents.notifying.routes import NotifySettings
from agents.scoring.deduplicate import DedupeSettings
from detection.rule import Rule
from nlp.classifier import Classifier
from schemas.channels import (
    ACCEPTED,
    ALERTS,
    DEAD,
    RAW,
    SCORED,
    SIGNALS,
    SILENCES,
    STATE_DETECT,
    STATE_NOTIFY,
    STATE_POSITIONS,
    STATE_SCORE,
    Channel,
)
from schemas.incoming.limits import MAX_BYTES
from streams.core.errors import Misconfigured
from streams.core.handler import Handler
from streams.core.stage import AnyStage, Stage

if TYPE_CHECKING:
    from agents.notifying.courier import Courier
    from agents.silencing.silence_table import SilenceTable
    from nlp.companies.finder import CompanyFinder
    from nlp.drift.reference import Reference
    from schemas.incoming.profiles.profile import Profiles

MAX_ARTICLES_PER_CALL: Final = 1_000
"""Articles given to the model at a time: a second's work for a small one on two cores, and enough
for batches of similar length. Without a limit it would be all that the last fetches returned, and
nothing would be committed for as long as a model takes for that."""
TICK_SECONDS: Final = 1.0
"""Seconds of silence after which the detector checks whether signals that wait may be counted, and
`notify` whether something is due."""


@dataclass(frozen=True, slots=True)
class Resources:
    """The settings and models that handlers are made of."""

    cluster: ClusterLayout
    classifier: Classifier
    rule: Rule
    dedupe: DedupeSettings
    companies: "CompanyFinder | None"
    max_bytes: int
    lineages: int
    profiles: "Profiles | None" = None
    circuit: CircuitSettings | None = None
    fallback: Classifier | None = None
    silences: "SilenceTable | None" = None
    notify: NotifySettings = field(default_factory=NotifySettings)
    courier: "Courier | None" = None
    reference: "Reference | None" = None

    def topic(self, channel: Channel) -> str:
        """Return the full name of a channel's topic."""
        return self.cluster.topic(channel.topic)


class AgentSpec(NamedTuple):
    """One agent: the channels at both ends, and how it is run.

    Attributes:
        source: The channel that it reads.
        writes: The channels that it writes besides dead letters and its state.
        make: Makes its handler.
        state: The changelog of its memory, if it has one.
        tick_seconds: The silence after which its handler is called without records.
        max_records: The upper bound of records in one call of its handler.
        needs_model: Whether a model must be loaded to run it.
        tables: The compacted channels that it looks things up in.
        is_edge: Whether it leads out of Kafka. A worker runs it only if it is named. When topics
            grow its memory is moved and its source is not, which others read too.
    """

    source: Channel
    writes: tuple[Channel, ...]
    make: Callable[[Resources], Handler[Any]]
    state: Channel | None = None
    tick_seconds: float | None = None
    max_records: int | None = None
    needs_model: bool = False
    tables: tuple[Channel, ...] = ()
    is_edge: bool = False


def make_ingest(resources: Resources) -> Handler[Any]:
    """Make the handler of `ingest`."""
    from agents.ingest import Ingest  # noqa: PLC0415 - see the module's docstring

    accepted, max_ahead = resources.topic(ACCEPTED), resources.rule.max_ahead
    return Ingest(accepted, resources.max_bytes, resources.profiles, max_ahead)


def make_score(resources: Resources) -> Handler[Any]:
    """Make the handler of `score`."""
    from agents.score import Score  # noqa: PLC0415 - see the module's docstring

    scored, signals = resources.topic(SCORED), resources.topic(SIGNALS)
    return Score(
        scored,
        signals,
        resources.classifier,
        resources.dedupe,
        resources.companies,
        circuit=resources.circuit,
        fallback=resources.fallback,
        reference=resources.reference,
    )


def make_detect(resources: Resources) -> Handler[Any]:
    """Make the handler of `detect`."""
    from agents.detect import Detect  # noqa: PLC0415 - see the module's docstring

    alerts, rule = resources.topic(ALERTS), resources.rule
    return Detect(alerts, rule, resources.lineages, resources.silences)


def make_notify(resources: Resources) -> Handler[Any]:
    """Make the handler of `notify`."""
    from agents.notify import Notify  # noqa: PLC0415 - see the module's docstring

    alerts, settings = resources.topic(ALERTS), resources.notify
    return Notify(alerts, settings, resources.courier, resources.silences)


AGENTS: Final[Mapping[str, AgentSpec]] = {
    "ingest": AgentSpec(RAW, (ACCEPTED,), make_ingest),
    "score": AgentSpec(
        ACCEPTED,
        (SCORED, SIGNALS),
        make_score,
        STATE_SCORE,
        max_records=MAX_ARTICLES_PER_CALL,
        needs_model=True,
    ),
    "detect": AgentSpec(
        SIGNALS,
        (ALERTS,),
        make_detect,
        STATE_DETECT,
        tick_seconds=TICK_SECONDS,
        tables=(SILENCES,),
    ),
    "notify": AgentSpec(
        ALERTS,
        (),
        make_notify,
        STATE_NOTIFY,
        tick_seconds=TICK_SECONDS,
        tables=(SILENCES,),
        is_edge=True,
    ),
}
"""Every agent by its name, in the order in which an article passes them."""
NAMES: Final = tuple(AGENTS)
USUAL: Final = tuple(name for name, agent in AGENTS.items() if not agent.is_edge)
"""The agents of a worker that is told nothing else. `notify` has work only where routes are set."""


def build_stages(  # noqa: PLR0913 - one for each table of the settings
    names: Iterable[str],
    *,
    cluster: ClusterLayout,
    classifier: Classifier,
    rule: Rule | None = None,
    dedupe: DedupeSettings | None = None,
    companies: "CompanyFinder | None" = None,
    max_bytes: int = MAX_BYTES,
    profiles: "Profiles | None" = None,
    version: str = "",
    lineages: int | None = None,
    circuit: CircuitSettings | None = None,
    fallback: Classifier | None = None,
    silences: "SilenceTable | None" = None,
    notify: NotifySettings | None = None,
    courier: "Courier | None" = None,
    reference: "Reference | None" = None,
) -> list[AnyStage]:
    """Return the stages of the agents called ``names``, each once, in the order of `AGENTS`.

    ``fallback`` is the model that ``circuit`` names for the time in which ``classifier`` is down.
    ``lineages`` is the number of pairs of a raw and an accepted partition; without it, both topics
    have as many as ``cluster`` says. Without ``silences`` the detector marks no alert as silenced.

    Raises:
        Misconfigured: a name is unknown, or there is none.
    """
    chosen = frozenset(names)
    unknown = sorted(chosen - AGENTS.keys())
    if unknown or not chosen:
        problem = f"no agent {', '.join(unknown)}" if unknown else "no agent to run"
        raise Misconfigured(f"{problem}: name any of {', '.join(AGENTS)}")

    resources = Resources(
        cluster,
        classifier,
        rule or Rule(),
        dedupe or DedupeSettings(),
        companies,
        max_bytes,
        lineages or cluster.partitions**2,
        profiles,
        circuit,
        fallback,
        silences,
        notify or NotifySettings(),
        courier,
        reference,
    )
    return [
        Stage(
            name=name,
            group=cluster.topic(f"newsquake-{name}"),
            source=resources.topic(agent.source),
            handler=agent.make(resources),
            dead_letters=resources.topic(DEAD),
            changelog=resources.topic(agent.state) if agent.state else None,
            tick_seconds=agent.tick_seconds,
            max_records=agent.max_records,
            version=version,
            positions=resources.topic(STATE_POSITIONS),
        )
        for name, agent in AGENTS.items()
        if name in chosen
    ]
