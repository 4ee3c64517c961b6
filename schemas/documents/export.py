"""JSON Schemas and the AsyncAPI document, made from the models.

Run `python -m schemas.documents.export` to write them.

An argument names another folder than the committed one. The documents are committed, and a test
compares them with the models: a change of the wire format shows up as a change of a document in
the same review.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

import orjson

from schemas.alert import Alert
from schemas.article import Article
from schemas.dead_letter import DeadLetter
from schemas.documents.asyncapi import asyncapi
from schemas.documents.incoming_document import incoming_schema
from schemas.feedback import Feedback
from schemas.scored import ScoredArticle
from schemas.signal import Signal
from schemas.wire import Wire

FOLDER: Final = Path(__file__).parents[1] / "generated"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
MODELS: Final[dict[str, type[Wire]]] = {
    "article": Article,
    "scored-article": ScoredArticle,
    "signal": Signal,
    "alert": Alert,
    "dead-letter": DeadLetter,
}


def documents() -> dict[str, str]:
    """Return file name to text: JSON Schemas (2020-12) of the models, and the AsyncAPI document."""
    schemas = {
        name: model.model_json_schema(mode="serialization") for name, model in MODELS.items()
    }
    schemas["feedback"] = Feedback.model_json_schema(mode="validation")
    schemas["incoming-article"] = incoming_schema()
    made = {f"{name}.schema.json": _text(_dialect(schema)) for name, schema in schemas.items()}
    return {**made, "asyncapi.json": _text(asyncapi())}


def write(folder: Path = FOLDER) -> None:
    """Write every document into `folder`, over what is there."""
    folder.mkdir(exist_ok=True)
    for name, text in documents().items():
        (folder / name).write_text(text, encoding="utf-8")


def _dialect(schema: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": DIALECT, **schema}


def _text(document: dict[str, Any]) -> str:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"


def main() -> None:
    """Write them where the command line says."""
    parser = ArgumentParser(prog="python -m schemas.documents.export", description=write.__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    write(parser.parse_args().folder)


if __name__ == "__main__":
    main()
