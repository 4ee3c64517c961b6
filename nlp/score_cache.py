"""Scores of texts on disk, so that a model reads each text once."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final, Self, TypeVar

import orjson

from nlp.classifier import Classifier, Question, Scores, SubjectClassifier

FILE: Final = "scores-2.sqlite"
"""The number is raised when scores mean something else, such as topics by other names."""
_SCHEMA: Final = """
    create table if not exists scores (
        model text not null, text blob not null, scores blob not null, primary key (model, text)
    ) without rowid
"""

Asked = TypeVar("Asked", str, Question)


class ScoreCache:
    """A classifier that asks ``model`` only about texts whose scores are not in ``store``.

    The key of an entry is the model's id and the SHA-256 of the text, so the texts themselves are
    not stored. That of an answer to a question has the SHA-256 of text and subject together. Scores
    of a shadow model are not stored.

    Attributes:
        asked: number of texts and questions that the model was asked about.
    """

    def __init__(self, model: Classifier, store: sqlite3.Connection) -> None:
        self._model = model
        self._store = store
        self.asked = 0
        if isinstance(model, SubjectClassifier):
            answer = model.classify_about
            self.classify_about: Callable[[Sequence[Question]], list[Scores]] = lambda questions: (
                self._look_up(questions, _key_of_question, answer)
            )

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
        return self._look_up(texts, _key_of_text, self._model.classify)

    def _look_up(
        self,
        asked: Sequence[Asked],
        key_of: Callable[[Asked], bytes],
        ask: Callable[[Sequence[Asked]], list[Scores]],
    ) -> list[Scores]:
        keys = [key_of(item) for item in asked]
        scores: dict[bytes, Scores] = {}
        query = "select scores from scores where model = ? and text = ?"
        for key in keys:
            if row := self._store.execute(query, (self.model_id, key)).fetchone():
                negative, neutral, positive, topics, about, *severity = orjson.loads(row[0])
                scores[key] = Scores(
                    negative,
                    neutral,
                    positive,
                    topics,
                    tuple(about),
                    severity=next(iter(severity), None),
                )

        missing = {key: item for key, item in zip(keys, asked, strict=True) if key not in scores}
        if missing:
            answers = ask(list(missing.values()))
            self.asked += len(missing)
            new = dict(zip(missing, answers, strict=True))
            rows = [(self.model_id, key, _packed(answer)) for key, answer in new.items()]
            self._store.execute("begin")
            self._store.executemany("insert or ignore into scores values (?, ?, ?)", rows)
            self._store.execute("commit")
            scores |= new
        return [scores[key] for key in keys]


def _key_of_text(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _key_of_question(question: Question) -> bytes:
    return sha256(_key_of_text(question.text) + _key_of_text(question.subject)).digest()


def _packed(scores: Scores) -> bytes:
    """Return an entry. Without a severity it is as earlier releases write and read it."""
    severity = () if scores.severity is None else (scores.severity,)
    return orjson.dumps((*scores[:5], *severity))
