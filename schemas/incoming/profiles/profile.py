"""A profile: how the records of one feed are read, in a TOML file."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from schemas.incoming.aliases import ALIASES
from schemas.incoming.times.zones import zone
from schemas.refusal import Invalid

HEADER: Final = "newsquake-profile"


class BadProfile(ValueError):
    """A profile can't be used; the message names the file, the entry and the remedy."""


def _known_zone(name: str) -> str:
    if name and zone(name) is None:
        raise ValueError(f"there is no zone {name!r}; name one such as America/New_York")
    return name


def _known_fields(names: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    if unknown := sorted(names.keys() - ALIASES.keys()):
        raise ValueError(f"there is no field {unknown[0]!r}; the fields are {', '.join(ALIASES)}")
    return names


def _compiled(pattern: str) -> str:
    try:
        if pattern and re.compile(pattern).groups != 1:
            raise ValueError("must have one group, which is the ticker: ^R:(.+)$")
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return pattern


class Profile(BaseModel):
    """The names, the zone, the symbols and the identity of one feed's records.

    A name is a field of the object or a path to one: ``content.provider.displayName``, and
    ``headlines[].value`` for all entries of a list. It counts before the names that are known
    for every feed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str = Field(default="", description="The feed that it is for")
    shape: tuple[str, ...] = Field(
        default=(), description="Fields that an item has all of, by which the feed is recognised"
    )
    names: Annotated[dict[str, tuple[str, ...]], AfterValidator(_known_fields)] = Field(
        default_factory=dict, description="Field of an article to the names that hold it"
    )
    ignore: tuple[str, ...] = Field(
        default=(), description="Fields that mean something else here; they stay in extra"
    )
    zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        default="", description="Zone of times without one, with daylight saving; UTC if empty"
    )
    formats: tuple[str, ...] = Field(
        default=(), description="The feed's own formats of times, as strptime has them"
    )
    source: str = Field(default="", description="The source of items that name none")
    symbols: Annotated[str, AfterValidator(_compiled)] = Field(
        default="", description="Only what matches is a ticker: the pattern's group"
    )
    identity: Literal["", "id", "url", "content"] = Field(
        default="", description="The only kind of identity that is used; the strongest if empty"
    )

    @property
    def own_zone(self) -> tzinfo | None:
        """The zone of times without one; None for UTC with a warning."""
        return zone(self.zone) if self.zone else None


PLAIN: Final = Profile()
"""The profile of feeds that need none."""


def parsed(name: str, text: str) -> Profile:
    """Return the profile in a TOML text.

    Raises:
        BadProfile: it is no TOML, or an entry is wrong.
    """
    try:
        return Profile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadProfile(f"profile {name}: is not TOML: {error}") from None
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, detail['loc']))}: {detail['msg'].removeprefix('Value error, ')}"
            for detail in error.errors()
        ]
        raise BadProfile(f"profile {name}: {'; '.join(problems)}") from None


@dataclass(frozen=True, slots=True)
class Profiles:
    """All profiles by name, those that topics have, and the fields that some are recognised by."""

    by_name: Mapping[str, Profile]
    topics: Mapping[str, str] = field(default_factory=dict)
    shapes: Mapping[str, tuple[Profile, ...]] = field(init=False)

    def __post_init__(self) -> None:
        shapes: dict[str, tuple[Profile, ...]] = {}
        ordered = sorted(self.by_name.values(), key=lambda profile: -len(profile.shape))
        for profile in ordered:
            if profile.shape:
                first = profile.shape[0]
                shapes[first] = (*shapes.get(first, ()), profile)
        object.__setattr__(self, "shapes", shapes)

    def named(self, name: str) -> Profile:
        """Return the profile called ``name``.

        Raises:
            Invalid: there is none.
        """
        if name in self.by_name:
            return self.by_name[name]
        remedy = f"name one of {', '.join(sorted(self.by_name))}"
        raise Invalid(f"header {HEADER}", "names no profile", remedy)

    def recognise(self, body: Mapping[str, JsonValue]) -> Profile:
        """Return the profile whose shape ``body`` has, the one with the most fields first."""
        if self.shapes.keys().isdisjoint(body):
            return PLAIN
        candidates: Iterable[Profile] = (
            profile
            for name, profiles in self.shapes.items()
            if name in body
            for profile in profiles
            if all(other in body for other in profile.shape)
        )
        return max(candidates, key=lambda profile: len(profile.shape), default=PLAIN)
