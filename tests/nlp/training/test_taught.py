"""The loss against a teacher's answers."""

from math import log, nan

import pytest
import torch
from torch import Tensor

from nlp.tasks import HEADS, Head
from nlp.training.examples import TAUGHT, UNKNOWN
from nlp.transformer.multitask import loss

pytestmark = pytest.mark.model

SENTIMENT = (0.7, 0.2, 0.1)
TOPICS = (0.6, 0.3, 0.1, *[0.0] * (HEADS["topic"] - 3))
ANSWER = torch.tensor([[*SENTIMENT, *TOPICS, 1.5]])
NO_ANSWER = torch.full((1, TAUGHT), nan)
NO_LABELS: dict[Head, Tensor] = {head: torch.tensor([UNKNOWN]) for head in HEADS}


def logits(**values: list[float]) -> dict[Head, Tensor]:
    """Return the logits of one text; heads without values are undecided."""
    zeros = {head: [0.0] * classes for head, classes in HEADS.items()}
    return {
        head: torch.tensor([values.get(head, zeros[head])], requires_grad=True) for head in HEADS
    }


def gradients(student: dict[Head, Tensor], taught: Tensor) -> dict[Head, Tensor]:
    """Return in which direction each head is moved by the loss."""
    loss(student, NO_LABELS, taught, 0.05).backward()  # type: ignore[no-untyped-call]
    return {head: -tensor.grad[0] for head, tensor in student.items() if tensor.grad is not None}


def test_a_student_that_answers_as_its_teacher_stays_as_it_is() -> None:
    """Training on answers would move a model away from them."""
    topics = [log(max(score, 1e-9)) for score in TOPICS]
    same = logits(sentiment=[log(share) for share in SENTIMENT], topic=topics)
    moves = gradients(same, ANSWER)
    for head in HEADS:  # equal severities have the mean 1.5
        assert moves[head].abs().max() < 1e-6


def test_an_undecided_student_moves_towards_its_teacher() -> None:
    """Two hundred thousand answers would teach nothing, or the opposite."""
    moves = gradients(logits(severity=[0.0, 0.0, 0.0, 3.0]), ANSWER)
    assert moves["sentiment"][0] > 0 > moves["sentiment"][2]
    assert moves["topic"][0] > moves["topic"][1] > 0 > moves["topic"][5]
    assert moves["severity"][3] < 0 < moves["severity"][0]


def test_a_text_without_an_answer_teaches_nothing() -> None:
    """Missing answers are NaN, which would spread to all weights."""
    moves = gradients(logits(), NO_ANSWER)
    assert all(move.abs().max() == 0 for move in moves.values())


def test_a_teacher_that_finds_no_topic_breaks_nothing() -> None:
    """A division by zero would end a night's training."""
    none = torch.cat([ANSWER[:, :3], torch.zeros(1, HEADS["topic"]), ANSWER[:, -1:]], dim=1)
    moves = gradients(logits(), none)
    assert all(move.isfinite().all() for move in moves.values())
