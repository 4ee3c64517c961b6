"""Items of RSS (0.91 to 2.0) and Atom feeds, as the fields that producers send."""

import html
import re
from html.entities import html5
from typing import Any, Final, NamedTuple
from urllib.parse import urljoin
from xml.parsers import expat

from infra.input.forms.rows import Broken, Row

_AMPERSAND: Final = re.compile(rb"&(#?\w{1,32};)?", re.ASCII)
_XML_ENTITIES: Final = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
_CDATA: Final = re.compile(rb"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CHILD_DEPTH: Final = 2
"""Depth of an item's elements, counted from the item."""
_STOCK_DOMAIN: Final = re.compile(r"stock|ticker|symbol|nasdaq|nyse|isin", re.IGNORECASE)
"""Domains of categories that are companies."""
_NAMES: Final = {
    "guid": "id",
    "id": "id",
    "issued": "published",
    "modified": "updated",
    "dc:date": "date",
    "content:encoded": "body",
    "content": "body",
    "dc:publisher": "publisher",
    "dc:language": "language",
}
"""Elements to the names under which the pipeline reads them, where they differ."""


class Channel(NamedTuple):
    """The fields of a feed that hold for all its items."""

    title: str = ""
    language: str = ""
    link: str = ""


class _Element(NamedTuple):
    """An element within a parsed text: its name, its attributes, and its text."""

    name: str
    attributes: dict[str, str]
    text: str


def read_channel(head: bytes) -> Channel:
    """Return what stands before the first item."""
    fields: dict[str, str] = {}
    for name in ("title", "language", "link"):
        pattern = rb"<%b(?:\s[^>]*)?>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</%b>"
        element = re.search(pattern % (name.encode(), name.encode()), head, re.DOTALL)
        if element:
            fields[name] = html.unescape(element[1].decode("utf-8", "replace"))
    return Channel(**fields)


def read_item(line: int, text: bytes, channel: Channel) -> Row | Broken:
    """Return the fields of an item that begins on ``line``; mend what feeds often break."""
    try:
        elements = _children(text)
    except expat.ExpatError:
        try:
            elements = _children(repaired(text))
        except expat.ExpatError as error:
            place = line + error.lineno - 1
            reason = expat.ErrorString(error.code)
            return Broken(line, f"is not well-formed: {reason} on line {place}")
    return Row(line, fields_of(elements, channel))


def _children(text: bytes) -> list[_Element]:
    """Return the attributes of an item, with names that begin with ``@``, and its elements.

    Raises:
        ExpatError: The text is not well-formed.
    """
    parser = expat.ParserCreate("utf-8")
    elements: list[_Element] = []
    path: list[str] = []
    texts: list[str] = []
    attributes: dict[str, str] = {}
    source_title = ""

    def start(name: str, values: dict[str, str]) -> None:
        nonlocal attributes, source_title
        path.append(name)
        if len(path) == _CHILD_DEPTH:
            attributes, source_title = values, ""
            texts.clear()
        elif _is_source_title(path):
            texts.clear()
        elif len(path) > _CHILD_DEPTH:
            texts.append(" ")
        else:
            elements.extend(_Element(f"@{key}", {}, value) for key, value in values.items())

    def end(name: str) -> None:
        nonlocal source_title
        if _is_source_title(path):
            source_title = "".join(texts).strip()
        elif len(path) == _CHILD_DEPTH:
            elements.append(_Element(name, attributes, source_title or "".join(texts).strip()))
        path.pop()

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = texts.append
    parser.Parse(text, True)  # noqa: FBT003 - expat takes it by position
    return elements


def _is_source_title(path: list[str]) -> bool:
    """Return whether this is the title of an entry's source, which has an id and a date, too."""
    return (
        len(path) == _CHILD_DEPTH + 1 and path[-1].endswith("title") and path[-2].endswith("source")
    )


def repaired(text: bytes) -> bytes:
    """Return ``text`` in UTF-8, without control characters, HTML's entities and bare ampersands."""
    clean = _CONTROL.sub(b" ", text).decode("utf-8", "replace").encode()
    return b"".join(
        piece if piece.startswith(b"<![CDATA[") else _AMPERSAND.sub(mended_reference, piece)
        for piece in _CDATA.split(clean)
    )


def mended_reference(ampersand: "re.Match[bytes]") -> bytes:
    """Return an ampersand, or the character it names, as XML has it."""
    name = (ampersand[1] or b"").decode()
    if name.startswith("#") or name in _XML_ENTITIES:
        return ampersand[0]
    character = html5.get(name)
    return character.encode() if character else b"&amp;" + ampersand[0][1:]


def fields_of(elements: list[_Element], channel: Channel) -> dict[str, Any]:
    """Return the fields of an item."""
    fields: dict[str, Any] = {}
    for element in elements:
        name, attributes, text = element
        local = name.rpartition(":")[2]
        if local == "link":
            add_link(fields, element)
        elif local == "category":
            is_company = _STOCK_DOMAIN.search(attributes.get("domain", ""))
            category = attributes.get("term") or text
            fields.setdefault("companies" if is_company else "categories", []).append(category)
        elif text and not name.startswith("@"):
            fields.setdefault(_NAMES.get(name, _NAMES.get(local, name)), text)
    link = fields.get("link") or permalink_of(elements)
    about = next((text for name, _, text in elements if name == "@rdf:about"), "")
    of_channel = {
        "id": about,
        "source": fields.get("publisher") or channel.title,
        "language": channel.language,
    }
    fields |= {"link": urljoin(channel.link, link)} if link else {}
    return {name: value for name, value in of_channel.items() if value} | fields


def add_link(fields: dict[str, Any], element: _Element) -> None:
    """Add an item's link: the text in RSS, the address of the alternate in Atom."""
    link = element.text or element.attributes.get("href", "")
    if link and (element.text or element.attributes.get("rel", "alternate") == "alternate"):
        fields.setdefault("link", link)


def permalink_of(elements: list[_Element]) -> str:
    """Return the guid that is the item's link, or an empty text."""
    for name, attributes, text in elements:
        is_permalink = attributes.get("isPermaLink", "true").lower() == "true"
        if name == "guid" and is_permalink and text.startswith(("http://", "https://")):
            return text
    return ""
