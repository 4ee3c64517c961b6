"""Dead letters for people: lines, and their bytes, safe for terminals and without personal data."""

from datetime import UTC, datetime
from typing import Any, Final

from agents.dead_letters.letters import Letter
from infra.masking import mask
from infra.personal_data import mask_personal
from infra.terminal import printable

_MAX_BYTES_PER_CHARACTER: Final = 4  # in UTF-8
_MILLISECONDS: Final = 1_000
_MAX_HEADER_CHARACTERS: Final = 200
_MAX_DATUM_CHARACTERS: Final = 700
"""Characters of an e-mail address, which is the longest that is recognised."""
_CUT: Final = "…"


def time_text(milliseconds: int) -> str:
    """Return a time since the epoch in UTC, to the second."""
    return f"{datetime.fromtimestamp(milliseconds / _MILLISECONDS, UTC):%Y-%m-%d %H:%M:%SZ}"


def letter_line(letter: Letter, state: str) -> str:
    """Return address, time, state, reason, place of the original, and the failure in words."""
    record, reason = letter
    replays = f" after {reason.replays} replays" if reason.replays else ""
    words = reason.message or reason.exception or ""
    line = (
        f"{letter.address}  {time_text(record.timestamp)}  {state}{replays}  "
        f"{reason.stage} {reason.reason}  {letter.origin}: {words}"
    )
    return printable(mask_personal(line))


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
    return "".join(map(_escaped, text[:max_characters])) + (_CUT if is_cut else "")


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


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
    lines = [f"{name}: {printable(text)}" for name, text in facts.items()]
    lines.append("headers:")
    for name, content in record.headers:
        text = safe_text(content, _MAX_HEADER_CHARACTERS, is_raw=is_raw)
        lines.append(f"  {printable(name)}: {text}")
    lines += ["value:", f"  {safe_text(record.value, max_characters, is_raw=is_raw)}"]
    return "\n".join(lines)


def letter_document(
    letter: Letter, state: str, max_characters: int, *, is_raw: bool
) -> dict[str, Any]:
    """Return the same as JSON for programs; texts are masked unless ``is_raw``."""
    record, reason = letter
    fields = reason.model_dump(mode="json")
    if not is_raw:
        fields = {
            name: mask_personal(value) if isinstance(value, str) else value
            for name, value in fields.items()
        }
    return {
        "id": str(letter.address),
        "state": state,
        "set_aside": time_text(record.timestamp),
        **fields,
        "key": safe_text(record.key, _MAX_HEADER_CHARACTERS, is_raw=is_raw),
        "bytes": len(record.value or b""),
        "value": safe_text(record.value, max_characters, is_raw=is_raw),
    }
