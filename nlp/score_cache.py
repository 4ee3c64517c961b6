"""Scores of texts on disk, so that a model reads each text once."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

import orjson

from nlp.classifier import Classifier, Scores

FILE: Final = "scores-2.sqlite"
"""The number is raised when scores mean something else, such as topics by other names."""
_SCHEMA: Final = """
    create table if not exists scores (
        model text not null, text blob not null, scores blob not null, primary key (model, text)
    ) without rowid
"""


class ScoreCache:
    """A classifier that asks ``model`` only about texts whose scores are not in ``store``.

    The key of an entry is the model's id and the SHA-256 of the text, so the texts themselves are
    not stored. Scores of a shadow model are not stored either.

    Attributes:
        asked: number of texts that the model was asked about.
    """

    def __init__(self, model: Classifier, store: sqlite3.Connection) -> None:
        self._model = model
        self._store = store
        self.asked = 0

    @classmethod
    @contextmanager
    def opened(cls, model: Classifier, folder: Path) -> Iterator[Self]:
        """Open the cache in ``folder``, which is created if it is missing.

        Raises:
            OSError: the cache can't be used; the message names the file.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # One thread at a time uses the connection, as it does the model, but not always the
            # same thread.
            store = sqlite3.connect(
                folder / FILE, timeout=60.0, isolation_level=None, check_same_thread=False
            )
            with closing(store):
                # A write-ahead log lets several processes read.
                store.execute("pragma journal_mode = wal")
                store.execute(_SCHEMA)
                yield cls(model, store)
        except sqlite3.Error as error:
            raise OSError(f"{folder / FILE}: {error}; it may be removed") from error

    @property
    def model_id(self) -> str:
        """Return the model's id."""
        return self._model.model_id

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text, in order, from the cache or else by the model.

        Raises:
            ModelError: the batch cannot be scored as it is; none of its new scores are stored.
            ModelBusy: the model cannot answer now.
        """
        keys = [sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        scores: dict[bytes, Scores] = {}
        query = "select scores from scores where model = ? and text = ?"
        for key in keys:
            if row := self._store.execute(query, (self.model_id, key)).fetchone():
                negative, neutral, positive, topics, about = orjson.loads(row[0])
                scores[key] = Scores(negative, neutral, positive, topics, tuple(about))

        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in scores}
        if missing:
            answers = self._model.classify(list(missing.values()))
            self.asked += len(missing)
            new = dict(zip(missing, answers, strict=True))
            rows = [(self.model_id, key, orjson.dumps(answer[:5])) for key, answer in new.items()]
            self._store.execute("begin")
            self._store.executemany("insert or ignore into scores values (?, ?, ?)", rows)
            self._store.execute("commit")
            scores |= new
        return [scores[key] for key in keys]
