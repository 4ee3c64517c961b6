"""Requests that aiokafka does not know, or knows only in versions without the fields needed here.

They are sent with ``client.send(node, request)`` like aiokafka's own.
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

from aiokafka.errors import IncompatibleBrokerVersion
from aiokafka.protocol.api import RequestStruct, Response, ResponseHeader_v0
from aiokafka.protocol.types import (
    Array,
    Boolean,
    Bytes,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Int64,
    Schema,
    String,
    TaggedFields,
)

_TEXT: Final = String("utf-8")
_SHORT_TEXT: Final = CompactString("utf-8")
TAGS: Final = ("tags", TaggedFields)
_FINALIZED_FEATURES: Final = 2
"""The tag of what the whole cluster has switched on, in the answer to ApiVersions (KIP-584)."""


class KafkaRequest:
    """One request, of the one version that its answer is parsed by."""

    def __init__(self, struct: Any, *values: object) -> None:
        self._struct = struct
        self._values = values

    def prepare(self, versions: Mapping[int, tuple[int, int]]) -> Any:
        """Return what aiokafka encodes.

        Raises:
            IncompatibleBrokerVersion: The broker does not know the request in this version.
        """
        lowest, highest = versions.get(self._struct.API_KEY, (0, -1))
        if not lowest <= self._struct.API_VERSION <= highest:
            raise IncompatibleBrokerVersion(
                f"request {self._struct.API_KEY} is not known in version {self._struct.API_VERSION}"
            )
        return self._struct(*self._values)


def cluster_features() -> KafkaRequest:
    """Return a request for the features of the cluster; see `parse_features`."""
    return KafkaRequest(_API_VERSIONS, "newsquake", "1", {})


def parse_features(answer: Any) -> Mapping[str, int]:
    """Return the level of each feature, by its name."""
    content = answer.tags.get(_FINALIZED_FEATURES)
    if content is None:
        return {}
    features = CompactArray(("name", _SHORT_TEXT), ("max_level", Int16), ("min_level", Int16), TAGS)
    return {name: level for name, level, *_ in features.decode(BytesIO(content)) or ()}


def describe_topics(topics: list[str]) -> KafkaRequest:
    """Return a request for the metadata of ``topics`` and one's rights there; it makes none."""
    return KafkaRequest(_METADATA, topics, False, False, True)  # noqa: FBT003 - as the protocol has them


def describe_groups(groups: list[str]) -> KafkaRequest:
    """Return a request for the members of ``groups`` and one's rights there."""
    return KafkaRequest(_DESCRIBE_GROUPS, groups, True)  # noqa: FBT003 - as the protocol has them


def describe_log_dirs() -> KafkaRequest:
    """Return a request for the size and the free bytes of a broker's log directories (KIP-827)."""
    return KafkaRequest(_DESCRIBE_LOG_DIRS, [], {})


def describe_quorum() -> KafkaRequest:
    """Return a request for the controllers, with the leader's time of now (KIP-836)."""
    return KafkaRequest(_DESCRIBE_QUORUM, [("__cluster_metadata", [(0, {})], {})], {})


def request_struct(
    key: int, version: int, request: Schema, answer: Schema, **attributes: object
) -> Any:
    """Return the class of a request, which knows the class of its answer."""
    numbers = {"API_KEY": key, "API_VERSION": version}
    response = type(Response)("Answer", (Response,), {**numbers, "SCHEMA": answer})
    content = {**numbers, "SCHEMA": request, "RESPONSE_TYPE": response, **attributes}
    return type(RequestStruct)("Request", (RequestStruct,), content)


_API_VERSIONS: Final = request_struct(
    18,
    3,
    Schema(("client_name", _SHORT_TEXT), ("client_version", _SHORT_TEXT), TAGS),
    Schema(
        ("error_code", Int16),
        ("api_keys", CompactArray(("key", Int16), ("min", Int16), ("max", Int16), TAGS)),
        ("throttle_time_ms", Int32),
        TAGS,
    ),
    FLEXIBLE_VERSION=True,
    # The header of this answer alone has no tags, so that any client can read it (KIP-511).
    parse_response_header=lambda _, buffer: ResponseHeader_v0.decode(buffer),
)
_METADATA: Final = request_struct(
    3,
    8,
    Schema(
        ("topics", Array(_TEXT)),
        ("make_topics", Boolean),
        ("with_cluster_rights", Boolean),
        ("with_topic_rights", Boolean),
    ),
    Schema(
        ("throttle_time_ms", Int32),
        ("brokers", Array(("node", Int32), ("host", _TEXT), ("port", Int32), ("rack", _TEXT))),
        ("cluster_id", _TEXT),
        ("controller", Int32),
        (
            "topics",
            Array(
                ("error_code", Int16),
                ("topic", _TEXT),
                ("is_internal", Boolean),
                (
                    "partitions",
                    Array(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", Array(Int32)),
                        ("isr", Array(Int32)),
                        ("offline", Array(Int32)),
                    ),
                ),
                ("rights", Int32),
            ),
        ),
        ("cluster_rights", Int32),
    ),
)
_DESCRIBE_GROUPS: Final = request_struct(
    15,
    3,
    Schema(("groups", Array(_TEXT)), ("with_rights", Boolean)),
    Schema(
        ("throttle_time_ms", Int32),
        (
            "groups",
            Array(
                ("error_code", Int16),
                ("group", _TEXT),
                ("state", _TEXT),
                ("protocol_type", _TEXT),
                ("protocol", _TEXT),
                (
                    "members",
                    Array(
                        ("member", _TEXT),
                        ("client", _TEXT),
                        ("host", _TEXT),
                        ("metadata", Bytes),
                        ("assignment", Bytes),
                    ),
                ),
                ("rights", Int32),
            ),
        ),
    ),
)
_DESCRIBE_LOG_DIRS: Final = request_struct(
    35,
    4,
    Schema(
        (
            "topics",
            CompactArray(("topic", _SHORT_TEXT), ("partitions", CompactArray(Int32)), TAGS),
        ),
        TAGS,
    ),
    Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        (
            "folders",
            CompactArray(
                ("error_code", Int16),
                ("folder", _SHORT_TEXT),
                ("topics", CompactArray(Int32)),  # none, since none was asked for
                ("total_bytes", Int64),
                ("free_bytes", Int64),
                TAGS,
            ),
        ),
        TAGS,
    ),
    FLEXIBLE_VERSION=True,
)
_REPLICAS: Final = CompactArray(
    ("replica", Int32), ("end", Int64), ("fetched_at", Int64), ("caught_up_at", Int64), TAGS
)
_DESCRIBE_QUORUM: Final = request_struct(
    55,
    1,
    Schema(
        (
            "topics",
            CompactArray(
                ("topic", _SHORT_TEXT),
                ("partitions", CompactArray(("partition", Int32), TAGS)),
                TAGS,
            ),
        ),
        TAGS,
    ),
    Schema(
        ("error_code", Int16),
        (
            "topics",
            CompactArray(
                ("topic", _SHORT_TEXT),
                (
                    "partitions",
                    CompactArray(
                        ("partition", Int32),
                        ("error_code", Int16),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("high_watermark", Int64),
                        ("voters", _REPLICAS),
                        ("observers", _REPLICAS),
                        TAGS,
                    ),
                ),
                TAGS,
            ),
        ),
        TAGS,
    ),
    FLEXIBLE_VERSION=True,
)
