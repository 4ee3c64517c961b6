"""Everything that can be set, composed of what each room says about itself.

A setting has a name in a TOML file, ``kafka.bootstrap``, and one in the environment, which wins:
``NEWSQUAKE_KAFKA__BOOTSTRAP``. Nothing here reads the environment; it is passed in, once.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

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

from agents.cluster_layout import ClusterLayout
from agents.pipeline import AGENTS
from agents.scoring.deduplicate import DedupeSettings
from detection.rule import Rule
from infra.settings.schema import Names, Setting, settings_of, value_at
from infra.settings.sources import Given, add_environment, add_file
from nlp.companies.settings import CompanySettings
from nlp.settings import ModelSettings
from streams.core.settings import StreamSettings

_MASK = "**********"
_SHOWN = 60  # characters of a wrong value


class SettingsError(Exception):
    """Settings that can't be used: ``problems`` has a line for each thing wrong, all at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Worker(StreamSettings):
    """What one worker process does, and how much it takes on at a time."""

    agents: tuple[str, ...] = Field(
        default=tuple(AGENTS),
        min_length=1,
        description="The agents that this worker runs.",
    )

    split: bool = Field(
        default=True,
        description="Each agent in a process of its own, on Linux: they use several cores, and a "
        "model at work does not slow the others, for three times the memory.",
    )

    follow_model: float = Field(
        default=0.0,
        ge=0.0,
        le=86_400.0,
        description="Seconds between looks whether nlp.model, a folder such as /models/current, "
        "has become another model. Then the worker ends, after a random pause of as long at most, "
        "with exit code 75, and whatever keeps it running starts it with the new one. 0: never.",
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
        """Whether an agent of this worker needs a model."""
        return any(AGENTS[name].needs_model for name in self.agents)


class Log(_Frozen):
    """What the process says on stderr."""

    format: Literal["auto", "console", "json"] = Field(
        default="auto", description="auto: for people on a terminal, else JSON lines."
    )
    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        BeforeValidator(lambda it: it.lower() if isinstance(it, str) else it),
    ] = "info"


class Metrics(_Frozen):
    """Numbers for Prometheus, over HTTP at /metrics."""

    port: int = Field(
        default=0,
        ge=0,
        le=65_533,
        description="0: not served. With worker.split the agents have processes of their own, and "
        "ports: the first of worker.agents has this one, the next the one after it, and so on.",
    )
    host: str = Field(
        default="0.0.0.0",  # noqa: S104 - who scrapes is elsewhere, and it is off by default
        min_length=1,
        description="Address that is listened at.",
    )


class Ingest(_Frozen):
    """What is let in."""

    max_bytes: int = Field(
        default=1_000_000, ge=1, le=2_000_000, description="A raw record larger than this is dead."
    )


class Settings(_Frozen):
    """The whole, one table a room or concern."""

    kafka: ClusterLayout = ClusterLayout()
    ingest: Ingest = Ingest()
    nlp: ModelSettings = ModelSettings()
    companies: CompanySettings = CompanySettings()
    score: DedupeSettings = DedupeSettings()
    detect: Rule = Rule()
    worker: Worker = Worker()
    log: Log = Log()
    metrics: Metrics = Metrics()

    _origins: Mapping[Names, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def _from(cls, given: Given) -> Self:
        settings = cls.model_validate(given.nested())
        settings._origins = given.origins  # noqa: SLF001 - its own
        return settings


class Shown(NamedTuple):
    """A setting as ``config show`` prints it."""

    name: str
    value: str
    origin: str


def load(config: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read the TOML file ``config``, if there is one, and then ``environ``, which wins.

    Raises:
        SettingsError: a name is unknown, a value not allowed, or the file unusable. It never
            contains a secret's value.
    """
    known = settings_of(Settings)
    given = Given()
    if config is not None:
        add_file(given, config, known)
    add_environment(given, environ, known)
    try:
        settings = Settings._from(given)  # noqa: SLF001 - its own loader
    except ValidationError as error:
        given.problems += [_problem(it, given, known) for it in error.errors(include_url=False)]
    if given.problems:
        raise SettingsError(given.problems)
    return settings


def show(settings: Settings) -> list[Shown]:
    """Every setting with its value, secrets masked, and where it comes from."""
    origins = settings._origins  # noqa: SLF001 - only this module knows them
    return [
        Shown(it.name, _printed(value_at(settings, path)), origins.get(path, "default"))
        for path, it in settings_of(Settings).items()
    ]


def _printed(value: Any) -> str:
    if isinstance(value, SecretStr):
        return _MASK if value.get_secret_value() else ""
    if isinstance(value, tuple | list):
        return ",".join(_printed(item) for item in value)
    return str(value)


def _problem(error: ErrorDetails, given: Given, known: Mapping[Names, Setting]) -> str:
    loc = tuple(str(part) for part in error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    path = next((loc[:end] for end in range(len(loc), 0, -1) if loc[:end] in known), None)
    if path is None:  # what a whole table's validator says concerns all that was given in it
        origins = [it for at, it in given.origins.items() if at[: len(loc)] == loc]
        return f"{', '.join(origins) or '.'.join(loc)}: {message}"
    origin = given.origins.get(path, known[path].variable)
    return f"{origin}: {_quoted(given.values.get(path), known[path])} is not allowed: {message}"


def _quoted(value: Any, setting: Setting) -> str:
    return _MASK if setting.secret else repr(value)[:_SHOWN]
