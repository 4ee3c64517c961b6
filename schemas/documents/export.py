"""Generate JSON Schemas and the AsyncAPI document from the models.

Run `python -m schemas.documents.export` to write them.

An argument names another folder than the committed one. A test compares the committed documents
with the models, so that a change of the wire format is seen in its review as a changed document.
"""

import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

import orjson

from schemas.channels import CHANNELS
from schemas.dead_letter import DeadLetter
from schemas.documents.asyncapi import asyncapi, schema_mode
from schemas.documents.incoming_document import incoming_schema
from schemas.wire import Wire

FOLDER: Final = Path(__file__).parents[1] / "generated"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def documents() -> dict[str, str]:
    """Return file name to text: JSON Schemas (2020-12) of the models, and the AsyncAPI document."""
    schemas = {
        file_name(channel.payload): channel.payload.model_json_schema(mode=schema_mode(channel))
        for channel in CHANNELS
        if channel.payload
    }
    schemas[file_name(DeadLetter)] = DeadLetter.model_json_schema(mode="serialization")
    schemas["incoming-article.schema.json"] = incoming_schema()
    texts = {name: _text({"$schema": DIALECT, **schema}) for name, schema in schemas.items()}
    return {**texts, "asyncapi.json": _text(asyncapi())}


def file_name(model: type[Wire]) -> str:
    """Return the name of a model's JSON Schema.

    >>> file_name(DeadLetter)
    'dead-letter.schema.json'
    """
    return re.sub(r"\B([A-Z])", r"-\1", model.__name__).lower() + ".schema.json"


def write(folder: Path = FOLDER) -> None:
    """Write every document into `folder`; replace those that are there."""
    folder.mkdir(exist_ok=True)
    for name, text in documents().items():
        (folder / name).write_text(text, encoding="utf-8")


def _text(document: dict[str, Any]) -> str:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"


def main() -> None:
    """Write the documents into the folder that the command line names."""
    parser = ArgumentParser(prog="python -m schemas.documents.export", description=write.__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    write(parser.parse_args().folder)


if __name__ == "__main__":
    main()
