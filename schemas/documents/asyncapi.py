"""Generate an AsyncAPI 3.0 document from the table of channels and the models."""

from typing import Any, Final

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from schemas.channels import ACCEPTED, ALERTS, CHANNELS, DEAD, RAW, SCORED, Channel
from schemas.dead_letter import HEADERS, REASON
from schemas.documents.incoming_document import incoming_schema
from schemas.identity import HEADER, MAX_KEY_CHARACTERS
from schemas.incoming.cloudevents import VERSION
from schemas.sent_time import TIMESTAMP_HEADER
from schemas.silence import SILENCED_HEADER

Document = dict[str, Any]

_API_VERSION: Final = "1.0.0"
_BINDING: Final = "0.5.0"
_REFERENCE: Final = "#/components/schemas/{model}"
_STRING: Final = {"type": "string"}
_PREFIX: Final = {"description": "Configurable prefix of every topic's name", "default": ""}
_TRACEPARENT: Final = {**_STRING, "description": "W3C Trace Context, passed through"}
_TIMESTAMP: Final = {
    **_STRING,
    "pattern": "^[0-9]+$",
    "description": "Timestamp of the producer's record in milliseconds since the epoch",
}
_SILENCED: Final = {
    **_STRING,
    "description": "Id of the silence that covered the subject when this was written, if one did",
}
_RAW_HEADERS: Final[Document] = {
    HEADER: {
        **_STRING,
        "minLength": 1,
        "maxLength": MAX_KEY_CHARACTERS,
        "description": "Overrides every id",
    },
    "ce_specversion": {"const": VERSION},
    "ce_id": _STRING,
    "ce_source": _STRING,
    "ce_type": _STRING,
    "ce_time": _STRING,
    "content-type": _STRING,
    "traceparent": _TRACEPARENT,
}


def asyncapi() -> Document:
    """Return the document. Its operations are Newsquake's own: it receives `news.raw`."""
    _, schema = models_json_schema(
        [(model, schema_mode(channel)) for channel in CHANNELS if (model := channel.payload)],
        ref_template=_REFERENCE,
    )
    channels: Document = {}
    operations: Document = {}
    for channel in CHANNELS:
        configuration = {"cleanup.policy": list(channel.cleanup)}
        channels[channel.topic] = {
            "address": "{prefix}" + channel.topic,
            "description": channel.summary,
            "parameters": {"prefix": _PREFIX},
            "messages": {"record": {"$ref": f"#/components/messages/{channel.topic}"}},
            "bindings": {
                "kafka": {"topicConfiguration": configuration, "bindingVersion": _BINDING}
            },
        }
        for agent in channel.writers:
            operations[f"{agent}.send.{channel.topic}"] = _operation("send", channel)
        for agent in channel.readers:
            operations[f"{agent}.receive.{channel.topic}"] = _operation("receive", channel)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Newsquake",
            "version": _API_VERSION,
            "description": "A seismograph for financial news: articles in, alerts out.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": {channel.topic: _message(channel) for channel in CHANNELS},
            "schemas": {**schema["$defs"], "IncomingArticle": incoming_schema()},
        },
    }


def _operation(action: str, channel: Channel) -> Document:
    reference = f"#/channels/{channel.topic}"
    return {
        "action": action,
        "channel": {"$ref": reference},
        "messages": [{"$ref": f"{reference}/messages/record"}],
    }


def _message(channel: Channel) -> Document:
    payload: Document = {"description": "Opaque"}
    if channel.payload is not None:
        payload = {"$ref": _REFERENCE.format(model=channel.payload.__name__)}
    elif channel is RAW:
        payload = {"$ref": _REFERENCE.format(model="IncomingArticle")}
    return {
        "name": channel.topic,
        "summary": channel.summary,
        "contentType": "application/octet-stream" if channel is DEAD else "application/json",
        "headers": _headers(channel),
        "payload": payload,
        "bindings": {
            "kafka": {"key": {**_STRING, "description": channel.key}, "bindingVersion": _BINDING}
        },
    }


def _headers(channel: Channel) -> Document:
    if channel is RAW:
        return {"type": "object", "properties": _RAW_HEADERS}
    if channel is DEAD:
        properties = dict.fromkeys(HEADERS.values(), _STRING)
        return {"type": "object", "properties": properties, "required": [REASON]}
    if channel.event_type is None:
        return {"type": "object"}
    required: Document = {
        "ce_specversion": {"const": VERSION},
        "ce_id": _STRING,
        "ce_source": _STRING,
        "ce_type": {"const": channel.event_type},
        "ce_time": {**_STRING, "format": "date-time"},
        "content-type": {"const": "application/json"},
    }
    properties = {**required, "traceparent": _TRACEPARENT}
    if channel in {ACCEPTED, SCORED}:
        properties[TIMESTAMP_HEADER] = _TIMESTAMP
    if channel is ALERTS:
        properties[SILENCED_HEADER] = _SILENCED
    return {"type": "object", "properties": properties, "required": list(required)}


def schema_mode(channel: Channel) -> JsonSchemaMode:
    """Return the schema's mode: others may leave out fields with a default, agents never do."""
    return "serialization" if channel.writers else "validation"
