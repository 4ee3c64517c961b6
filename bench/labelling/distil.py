"""Have a teacher answer unlabelled headlines: ``python -m labelling.distil TEACHER FILE``.

`labelling.fit --taught FILE` then trains a small model on the answers too. Headlines of the test
weeks and of the held-out months are not asked, nor labelled ones. The file holds ids and answers,
and is written every few minutes: what it has is not asked again.
"""

import argparse
import csv
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from labelling.agreement import LABELS
from labelling.names import company_names, mention
from labelling.quality import DATA, may_be_learnt
from labelling.sample import Headline, read_archives
from nlp.classifier import Question, Scores, SubjectClassifier
from nlp.load import load
from nlp.normalise import normalise
from nlp.settings import ModelSettings
from nlp.tasks import TOPICS
from nlp.training.examples import TAUGHT, Example

COUNT: Final = 200_000
SEED: Final = 16
_SLICE: Final = 4_096
"""Questions between two writes of the file."""


def unlabelled(count: int, data: Path = DATA) -> list[Headline]:
    """Return headlines that are not labelled, held out, or of a test week; no text twice."""
    with LABELS.open(newline="") as lines:
        labelled = {row["id"] for row in csv.DictReader(lines)}
    by_text: dict[str, Headline] = {}
    for rows in read_archives(data).values():
        for row in rows:
            if row.id not in labelled and may_be_learnt(row):
                by_text.setdefault(normalise(row.title), row)
    headlines = sorted(by_text.values(), key=lambda row: row.id)
    random.Random(SEED).shuffle(headlines)
    return headlines[:count]


def questions(headlines: Sequence[Headline]) -> Iterator[tuple[Headline, str]]:
    """Yield each headline without a subject, and with each company if it names several."""
    names = company_names()
    for row in headlines:
        yield row, ""
        for ticker in row.targets if row.names_several else ():
            if name := mention(row.title, names.get(ticker, ())):
                yield row, name


def answer(teacher: SubjectClassifier, asked: Sequence[tuple[Headline, str]]) -> list[Scores]:
    """Return the teacher's answer to each question."""
    texts = [row.title for row, subject in asked if not subject]
    about = [Question(row.title, subject) for row, subject in asked if subject]
    by_text, by_question = iter(teacher.classify(texts)), iter(teacher.classify_about(about))
    return [next(by_question if subject else by_text) for _, subject in asked]


def row_of(scores: Scores) -> list[float]:
    """Return the numbers that a student learns (`nlp.training.examples.TAUGHT`)."""
    topics = [scores.topics[topic] for topic in TOPICS]
    return [*scores[:3], *topics, scores.severity or 0.0]


def taught(file: Path, data: Path = DATA) -> Iterator[Example]:
    """Yield the headlines that a teacher has answered, as examples."""
    texts = {row.id: normalise(row.title) for rows in read_archives(data).values() for row in rows}
    with np.load(file) as stored:
        answers = stored["answers"].astype(np.float64)
        asked = zip(stored["ids"].tolist(), stored["subjects"].tolist(), answers, strict=True)
        for key, subject, numbers in asked:
            yield Example(texts[key], {}, subject, tuple(numbers.tolist()))


def read_answers(file: Path) -> np.ndarray[tuple[int, int], np.dtype[np.float16]]:
    """Return the answers in a file, (questions, `TAUGHT`); none if there is no such file."""
    if not file.exists():
        return np.zeros((0, TAUGHT), np.float16)
    with np.load(file) as stored:
        answers: np.ndarray[tuple[int, int], np.dtype[np.float16]] = stored["answers"]
        return answers


def main() -> None:
    """Ask the teacher, and write its answers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("teacher", help="name or folder of a model")
    parser.add_argument("out", type=Path, help="a .npz file")
    parser.add_argument("--count", type=int, default=COUNT, help="headlines (default: %(default)s)")
    parser.add_argument("--dtype", choices=["fp32", "bf16", "int8"], default="fp32")
    options = parser.parse_args()
    teacher = load(ModelSettings(model=options.teacher, dtype=options.dtype, language="*"))
    if not isinstance(teacher, SubjectClassifier):
        raise SystemExit(f"{teacher.model_id} can't be asked about companies: train it by fit")
    asked = list(questions(unlabelled(options.count)))
    answers = read_answers(options.out)
    while len(answers) < len(asked):
        part = asked[len(answers) : len(answers) + _SLICE]
        new = np.array([row_of(scores) for scores in answer(teacher, part)], np.float16)
        answers = np.concatenate([answers, new])
        write(options.out, asked[: len(answers)], answers)
        print(f"{len(answers)} of {len(asked)}", flush=True)


def write(
    file: Path,
    asked: Sequence[tuple[Headline, str]],
    answers: np.ndarray[tuple[int, int], np.dtype[np.float16]],
) -> None:
    """Write questions and their answers, in place of what the file had."""
    unfinished = file.with_suffix(".part.npz")
    np.savez_compressed(
        unfinished,
        ids=np.array([row.id for row, _ in asked]),
        subjects=np.array([subject for _, subject in asked]),
        answers=answers,
    )
    unfinished.replace(file)


if __name__ == "__main__":
    main()
