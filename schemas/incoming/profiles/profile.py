"""A profile: how the records of one feed are read, in a TOML file."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from schemas.incoming.aliases import ALIASES, Names, names_in
from schemas.incoming.plain.names import PlainNames, plain_names
from schemas.incoming.profiles.paths import at_path
from schemas.incoming.times.zones import zone
from schemas.refusal import Invalid

HEADER: Final = "newsquake-profile"
_MAX_ANSWERS: Final = 1_000
"""Sets of fields that are remembered."""
_MAX_REMEMBERED_CHARACTERS: Final = 2_000
"""Characters of all field names; what is longer is looked up anew."""


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
    """All profiles by name, those that topics have, and the answers for fields seen before."""

    by_name: Mapping[str, Profile]
    topics: Mapping[str, str] = field(default_factory=dict)
    answers: dict[tuple[str, ...], tuple[Profile, Names]] = field(
        default_factory=dict, repr=False, compare=False
    )
    plain: dict[tuple[str, ...], PlainNames | None] = field(
        default_factory=dict, repr=False, compare=False
    )

    def named(self, name: str) -> Profile:
        """Return the profile called ``name``.

        Raises:
            Invalid: there is none.
        """
        if name in self.by_name:
            return self.by_name[name]
        remedy = f"name one of {', '.join(sorted(self.by_name))}"
        raise Invalid(f"header {HEADER}", "names no profile", remedy)

    def lookup(self, body: Mapping[str, JsonValue], name: str = "") -> tuple[Profile, Names]:
        """Return the profile to read ``body`` with, and its names for the fields.

        It is the one called ``name``, else the one whose shape the body has, with the most fields.
        Items of a feed mostly have the same fields, so the answers for these are remembered.

        Raises:
            Invalid: no profile is called so.
        """
        key = (name, *body)
        answer = self.answers.get(key)
        if answer is None:
            profile = self.named(name) if name else self._recognise(body)
            answer = profile, _names(profile, names_in(body))
            if sum(map(len, key)) <= _MAX_REMEMBERED_CHARACTERS:
                if len(self.answers) >= _MAX_ANSWERS:
                    self.answers.clear()
                self.answers[key] = answer
        return answer

    def plain_names(self, body: Mapping[str, JsonValue]) -> PlainNames | None:
        """Return the names of the fields in ``body`` if it can be read by them alone, else None."""
        key = tuple(body)
        try:
            return self.plain[key]
        except KeyError:
            profile, names = self.lookup(body)
            plain = plain_names(body, names) if profile is PLAIN else None
            if sum(map(len, key)) <= _MAX_REMEMBERED_CHARACTERS:
                if len(self.plain) >= _MAX_ANSWERS:
                    self.plain.clear()
                self.plain[key] = plain
            return plain

    def claims(self, body: Mapping[str, JsonValue], name: str = "") -> bool:
        """Return whether a profile reads the headline of ``body`` as it is, in its envelope."""
        if name and name not in self.by_name:
            return False
        profile, _ = self.lookup(body, name)
        paths = profile.names.get("headline", ())
        return any(at_path(dict(body), path) is not None for path in paths)

    def _recognise(self, body: Mapping[str, JsonValue]) -> Profile:
        candidates = (
            profile
            for profile in self.by_name.values()
            if profile.shape and all(field in body for field in profile.shape)
        )
        return max(candidates, key=lambda profile: len(profile.shape), default=PLAIN)


def _names(profile: Profile, names: dict[str, list[str]]) -> Names:
    """Return the names of an item's fields, those of its profile first."""
    for field_name, paths in profile.names.items():
        others = [name for name in names.get(field_name, ()) if name not in paths]
        names[field_name] = [*paths, *others]
    ignored = profile.ignore
    return {
        field_name: [name for name in field_names if name not in ignored]
        for field_name, field_names in names.items()
    }
