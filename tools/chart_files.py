"""Write what the Helm chart takes from the code: ``python -m tools.chart_files``.

That is the topics and the rights of roles, in ``infra/kubernetes/files``, and the settings in
``values.schema.json``. A test compares the files with the code.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from agents.access import ROLES
from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from infra.settings.model import Settings
from infra.settings.schema import settings_of
from schemas.channels import CHANNELS, STATE_POSITIONS, STATE_SCORE, Channel

CHART: Final = Path(__file__).parents[1] / "infra/kubernetes"
_KEPT: Final = frozenset(
    {
        "type", "enum", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
        "minLength", "maxLength", "description",
    }
)  # fmt: skip
"""The words of a JSON schema that hold for a value in a file too."""


def topic_rows() -> list[dict[str, Any]]:
    """Return each topic with the setting that its partitions follow, and its configuration.

    Left out is what follows from other settings: `min.insync.replicas`, and the retention of the
    topic that lasts as long as `score.window`.
    """
    topics = {topic.name: topic for topic in required_topics(ClusterLayout(), NEWS)}
    rows = []
    for channel in CHANNELS:
        config = {**topics[channel.topic].config}
        del config["min.insync.replicas"]
        if channel is STATE_SCORE:
            del config["retention.ms"]
        row = {"name": channel.topic, "partitions": _partitions(channel), "config": config}
        rows.append(row | {"retention": "score.window"} if channel is STATE_SCORE else row)
    return rows


def _partitions(channel: Channel) -> str:
    if channel.single:
        return "one"
    if channel is STATE_POSITIONS:
        return "larger"
    return "signal_partitions" if channel.per_market else "partitions"


def role_rights() -> dict[str, list[dict[str, Any]]]:
    """Return the rights of each role, one entry a resource, as Strimzi names resources."""
    roles: dict[str, list[dict[str, Any]]] = {}
    for role, rights in ROLES.items():
        resources: dict[tuple[str, str, bool], list[str]] = {}
        for right in rights:
            kind = "transactionalId" if right.resource == "transactional-id" else right.resource
            resources.setdefault((kind, right.name, right.is_prefix), []).append(right.operation)
        roles[role] = [
            {
                "type": kind,
                "name": name,
                "patternType": "prefix" if is_prefix else "literal",
                "operations": list(dict.fromkeys(operations)),
            }
            for (kind, name, is_prefix), operations in resources.items()
        ]
    return roles


def secret_names() -> list[str]:
    """Return the settings that are secrets, which files of a Secret hold."""
    settings = settings_of(Settings).values()
    return [it.name for it in settings if it.is_secret and not it.is_collection]


def settings_schema() -> dict[str, Any]:
    """Return the JSON schema of all settings that a ConfigMap may hold; secrets are left out."""
    document = Settings.model_json_schema()
    tables: dict[str, dict[str, Any]] = {}
    for setting in settings_of(Settings).values():
        if setting.is_secret and not setting.is_collection:
            continue
        table, field = setting.path
        place = document["properties"][table]["$ref"].rpartition("/")[2]
        tables.setdefault(table, {})[field] = dict(
            _plain(document["$defs"][place]["properties"][field], is_duration=setting.is_duration)
        )
    return {
        "description": "Settings by table, as in a TOML file: docs/metrics.md and others tell them",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            table: {"type": "object", "additionalProperties": False, "properties": fields}
            for table, fields in tables.items()
        },
    }


def _plain(field: Mapping[str, Any], *, is_duration: bool) -> Iterator[tuple[str, Any]]:
    choices = [choice for choice in field.get("anyOf", ()) if choice.get("type") != "null"]
    for name, value in (choices[0] | field if choices else field).items():
        if name in _KEPT:
            yield name, value
    if is_duration:
        yield "type", ["string", "number"]
        yield "pattern", r"^\s*\d+(\.\d+)?\s*[smhdw]?\s*$"


def files() -> dict[Path, str]:
    """Return the text of each file that this program writes."""
    schema = json.loads((CHART / "values.schema.json").read_text("utf-8"))
    schema["properties"]["settings"] = settings_schema()
    made: dict[str, Any] = {
        "files/topics.json": topic_rows(),
        "files/roles.json": role_rights(),
        "files/secrets.json": secret_names(),
        "values.schema.json": schema,
    }
    return {
        CHART / name: json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        for name, content in made.items()
    }


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, "utf-8")
