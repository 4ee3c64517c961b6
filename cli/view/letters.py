"""Dead letters for people: lines, and their bytes, safe for terminals and without personal data."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from agents.dead_letters.letters import Letter
from infra.masking import mask
from infra.privacy.personal_data import mask_personal
from infra.terminal import printable
from schemas.dead_letter import original_headers
from streams.core.record import Headers

_MAX_BYTES_PER_CHARACTER: Final = 4  # in UTF-8
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_HEADERS: Final = 100
_MAX_HEADER_CHARACTERS: Final = 200
_MAX_FIELD_CHARACTERS: Final = 2_000
_MAX_DATUM_CHARACTERS: Final = 700
"""Characters of an e-mail address, which is the longest that is recognised."""
_CUT: Final = "…"


def time_text(milliseconds: int) -> str:
    """Return a time since the epoch in UTC, to the second; the number if no calendar has it.

    >>> time_text(1_700_000_000_000), time_text(1 << 60)
    ('2023-11-14 22:13:20Z', '1152921504606846976 ms')
    """
    try:
        return f"{_EPOCH + timedelta(milliseconds=milliseconds):%Y-%m-%d %H:%M:%SZ}"
    except OverflowError:
        return f"{milliseconds} ms"


def letter_line(letter: Letter, state: str) -> str:
    """Return address, time, state, reason, place of the original, and the failure in words."""
    record, reason = letter
    replays = f" after {reason.replays} replays" if reason.replays else ""
    words = reason.message or reason.exception or ""
    line = (
        f"{letter.address}  {time_text(record.timestamp)}  {state}{replays}  "
        f"{reason.stage} {reason.reason}  {letter.origin}: {words}"
    )
    return printable(mask_personal(mask(line)))


def safe_text(value: bytes | None, max_characters: int, *, is_raw: bool) -> str:
    r"""Return bytes as text of at most ``max_characters``, without control characters.

    Bytes that are no UTF-8, and characters that a terminal acts on, are written as escapes. Unless
    ``is_raw``, secrets and personal data are masked.

    >>> safe_text(b"caf\xc3\xa9 \xff \x1b[2J me@example.org", 80, is_raw=False)
    'café \\xff \\x1b[2J **********'
    >>> safe_text(b"x" * 100, 5, is_raw=True)
    'xxxxx…'
    """
    if value is None:
        return "(no value)"
    # What is masked may be longer than what is left of it: the cut comes last.
    characters = 2 * max_characters + 10 * _MAX_DATUM_CHARACTERS
    start = value[: _MAX_BYTES_PER_CHARACTER * characters]
    text = start.decode("utf-8", "backslashreplace")
    if not is_raw:
        text = mask_personal(mask(text))
        if len(start) < len(value):
            text = text[:-_MAX_DATUM_CHARACTERS]  # the last one may be cut, and not recognised
    is_cut = len(text) > max_characters or len(start) < len(value)
    escaped = (
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text[:max_characters]
    )
    return "".join(escaped) + (_CUT if is_cut else "")


def letter_text(letter: Letter, state: str, max_characters: int, *, is_raw: bool) -> str:
    """Return all that there is to a letter, over several lines."""
    record, reason = letter
    value = record.value or b""
    facts = {
        "letter": f"{letter.address}, set aside {time_text(record.timestamp)}, {state}",
        "reason": f"{reason.reason}, by {reason.stage}",
        "failure": safe_text(
            (reason.message or "").encode("utf-8", "replace"), max_characters, is_raw=is_raw
        ),
        "original": letter.origin,
        "key": safe_text(record.key, _MAX_HEADER_CHARACTERS, is_raw=is_raw),
        "bytes": str(len(value)),
    }
    if reason.original_bytes is not None:
        facts["bytes"] += f", the first of {reason.original_bytes}"
    if reason.masked:
        facts["masked"] = "personal data, before it was written"
    headers = _header_texts(record.headers, is_raw=is_raw)
    return "\n".join(
        [
            *(f"{name}: {printable(text)}" for name, text in facts.items()),
            "headers:",
            *(f"  {name}: {text}" for name, text in headers),
            *([f"  … and {others} more"] if (others := len(record.headers) - len(headers)) else []),
            "value:",
            f"  {safe_text(record.value, max_characters, is_raw=is_raw)}",
        ]
    )


def letter_document(
    letter: Letter, state: str, max_characters: int, *, is_raw: bool
) -> dict[str, Any]:
    """Return the same as JSON for programs; its headers are those that the original had.

    Texts are masked unless ``is_raw``. If so, key and value are there in base64 too, byte for byte.
    """
    record, reason = letter
    fields = {
        name: safe_text(value.encode(), _MAX_FIELD_CHARACTERS, is_raw=is_raw)
        if isinstance(value, str)
        else value
        for name, value in reason.model_dump(mode="json").items()
    }
    document = {
        "id": str(letter.address),
        "state": state,
        "set_aside": time_text(record.timestamp),
        **fields,
        "headers": _header_texts(original_headers(record.headers), is_raw=is_raw),
        "key": safe_text(record.key, _MAX_HEADER_CHARACTERS, is_raw=is_raw),
        "bytes": len(record.value or b""),
        "value": safe_text(record.value, max_characters, is_raw=is_raw),
    }
    if is_raw:
        document |= {"key_base64": _base64(record.key), "value_base64": _base64(record.value)}
    return document


def _header_texts(headers: Headers, *, is_raw: bool) -> Sequence[tuple[str, str]]:
    """Return names and values of the first headers."""
    return [
        (
            safe_text(name.encode("utf-8", "replace"), _MAX_HEADER_CHARACTERS, is_raw=is_raw),
            safe_text(content, _MAX_HEADER_CHARACTERS, is_raw=is_raw),
        )
        for name, content in headers[:_MAX_HEADERS]
    ]


def _base64(content: bytes | None) -> str | None:
    return None if content is None else b64encode(content).decode()
