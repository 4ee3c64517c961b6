"""All settings, composed of the models that each room defines.

A setting has a name in a TOML file, ``kafka.bootstrap``, and a name in the environment,
``NEWSQUAKE_KAFKA__BOOTSTRAP``, which wins. Nothing here reads the environment; callers pass it in.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_core import ErrorDetails

from agents.asking.circuit import CircuitSettings
from agents.cluster_layout import ClusterLayout
from agents.notifying.routes import NotifySettings
from agents.pipeline import AGENTS, USUAL
from agents.scoring.deduplicate import DedupeSettings
from detection.rule import Rule
from infra.forked_agents import can_fork
from infra.settings.dashboard import Dashboard
from infra.settings.metrics import Metrics
from infra.settings.privacy import Privacy
from infra.settings.schema import SettingPath, settings_of, value_at
from infra.settings.serve import Serve
from infra.settings.sources import Assignments, Settable, add_environment, add_file
from infra.settings.telemetry import Telemetry
from nlp.companies.settings import CompanySettings
from nlp.settings import ModelSettings
from streams.core.settings import StreamSettings

_MASK = "**********"
_MAX_VALUE_CHARACTERS = 60
"""An error message quotes no more of a wrong value."""


class SettingsError(Exception):
    """The settings can't be used; ``problems`` has a line for each thing that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Worker(StreamSettings):
    """The agents that one worker process runs, and how much it takes on at a time."""

    agents: tuple[str, ...] = Field(
        default=USUAL,
        min_length=1,
        description="The agents that this worker runs. notify, which tells routes of alerts, runs "
        "only if it is named.",
    )

    split: bool = Field(
        default=True,
        description="Run each agent in a process of its own (Linux only). Agents then use several "
        "cores, and a busy model does not slow the others; memory use is three times as high.",
    )

    follow_model: float = Field(
        default=0.0,
        ge=0.0,
        le=86_400.0,
        description="Seconds between checks whether nlp.model, a folder such as /models/current, "
        "has been replaced by another model. If so, the worker exits with code 75 after a random "
        "pause of at most as many seconds; its supervisor starts it with the new model. 0: never.",
    )

    @field_validator("agents")
    @classmethod
    def _each_once(cls, agents: tuple[str, ...]) -> tuple[str, ...]:
        if not AGENTS.keys() >= set(agents):
            raise ValueError(f"agents are {', '.join(AGENTS)}")
        if len(set(agents)) < len(agents):
            raise ValueError("an agent is named twice")
        return agents

    @property
    def needs_model(self) -> bool:
        """True if an agent of this worker needs a model."""
        return any(AGENTS[name].needs_model for name in self.agents)


class Log(_Frozen):
    """The log output on stderr."""

    format: Literal["auto", "console", "json"] = Field(
        default="auto", description="auto: text on a terminal, else JSON lines."
    )
    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        BeforeValidator(lambda level: level.lower() if isinstance(level, str) else level),
    ] = Field(default="info", description="Lines of lower levels are left out.")
    summary_interval: float = Field(
        default=60.0,
        gt=0.0,
        le=86_400.0,
        description="Seconds between two lines of an agent that say how much it processed; there "
        "is none while there is nothing to tell.",
    )
    transactions: bool = Field(
        default=False,
        description="Write a line for each transaction: what an agent read and wrote in it, how "
        "long it took, and the ids of traces.",
    )


class Ingest(_Frozen):
    """Limits for raw records."""

    max_bytes: int = Field(
        default=1_000_000, ge=1, le=2_000_000, description="Larger raw records become dead letters."
    )
    profiles: Path | None = Field(
        default=None,
        description="A folder with profiles of your own, NAME.toml each; one with the name of a "
        "profile that is shipped takes its place.",
    )
    profile: str = Field(
        default="",
        description="The profile of all raw records whose header newsquake-profile names no other. "
        "Empty: each is recognised by its fields.",
    )


class Settings(_Frozen):
    """All settings; each field is a table of the TOML file."""

    kafka: ClusterLayout = ClusterLayout()
    ingest: Ingest = Ingest()
    nlp: ModelSettings = ModelSettings()
    companies: CompanySettings = CompanySettings()
    score: DedupeSettings = DedupeSettings()
    circuit: CircuitSettings = CircuitSettings()
    detect: Rule = Rule()
    notify: NotifySettings = NotifySettings()
    worker: Worker = Worker()
    log: Log = Log()
    metrics: Metrics = Metrics()
    serve: Serve = Serve()
    dashboard: Dashboard = Dashboard()
    privacy: Privacy = Privacy()
    telemetry: Telemetry = Telemetry()

    _origins: Mapping[SettingPath, str] = PrivateAttr(default_factory=dict)

    @property
    def is_split(self) -> bool:
        """True if each agent of this worker runs in a process of its own."""
        return self.worker.split and len(self.worker.agents) > 1 and can_fork()

    @property
    def ports(self) -> Mapping[str, int]:
        """The port of each agent's process, by the agent's name; empty if there shall be none."""
        first = self.metrics.port
        if not first:
            return {}
        names = self.worker.agents
        return {name: first + index * self.is_split for index, name in enumerate(names)}


class Shown(NamedTuple):
    """A setting as ``newsquake config show`` prints it: secrets are masked."""

    name: str
    value: str
    origin: str


def load(config: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read the TOML file ``config``, if any, and then the variables in ``environ``, which win.

    Raises:
        SettingsError: A name is unknown, a value is not allowed, or the file can't be read. The
            message never contains the value of a secret.
    """
    settable = settings_of(Settings)
    assignments = Assignments()
    if config is not None:
        add_file(assignments, config, settable)
    add_environment(assignments, environ, settable)

    try:
        settings = Settings.model_validate(assignments.nested())
        settings._origins = assignments.origins  # noqa: SLF001 - private to this module
    except ValidationError as error:
        details = error.errors(include_url=False)
        assignments.problems += [_problem(detail, assignments, settable) for detail in details]
    if assignments.problems:
        raise SettingsError(assignments.problems)
    return settings


def show(settings: Settings) -> list[Shown]:
    """Return every setting with its value, secrets masked, and its origin."""
    origins = settings._origins  # noqa: SLF001 - private to this module
    return [
        Shown(setting.name, _as_text(value_at(settings, path)), origins.get(path, "default"))
        for path, setting in settings_of(Settings).items()
    ]


def _as_text(value: Any) -> str:
    if isinstance(value, SecretStr):
        return _MASK if value.get_secret_value() else ""
    if isinstance(value, tuple | list):
        return ",".join(_as_text(item) for item in value)
    return str(value)


def _problem(error: ErrorDetails, assignments: Assignments, settable: Settable) -> str:
    """Return the line for one validation error; it begins with what the user wrote."""
    location = tuple(str(name) for name in error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    # The location of an error inside a list is deeper than the setting.
    prefixes = (location[:end] for end in range(len(location), 0, -1))
    path = next((prefix for prefix in prefixes if prefix in settable), None)
    if path is None:  # the validator of a whole table: name everything that was set in it
        depth = len(location)
        origins = [
            origin for path, origin in assignments.origins.items() if path[:depth] == location
        ]
        return f"{', '.join(origins) or '.'.join(location)}: {message}"

    inner = ".".join(location[len(path) :])
    setting = settable[path]
    origin = assignments.origins.get(path, setting.variable)
    if setting.is_secret and setting.is_collection:
        return f"{origin}: {inner}: {message}" if inner else f"{origin}: {message}"
    value = repr(assignments.values.get(path))[:_MAX_VALUE_CHARACTERS]
    return f"{origin}: {_MASK if setting.is_secret else value} is not allowed: {message}"
