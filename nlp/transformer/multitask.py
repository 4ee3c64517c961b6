"""The network of newsquake's own models: one encoder, and a linear head each for the tasks.

The heads read the mean of the tokens' vectors. The third head says how severe a text's news is.
"""

from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from nlp.tasks import HEADS, Head

Inputs = Mapping[str, Tensor]
"""The tokenizer's output: ``input_ids`` and ``attention_mask``, (batch, tokens) each."""

TOPIC_BINARY_WEIGHT: Final = 0.25
"""Weight of the topics' binary cross entropy in the loss, next to their cross entropy."""
SEVERITY_WEIGHT: Final = 0.3
"""Weight of the severity's loss: of a text with it, sentiment stays the main task."""
_MIN_SCORES: Final = 1e-6
"""Keeps the shares of a text's topics finite if its teacher says that it has none."""


def mean_pool(hidden: Tensor, mask: Tensor) -> Tensor:
    """Average the tokens that are not padding: (batch, tokens, width) to (batch, width)."""
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1.0)


class MultiTask(nn.Module):
    """Logits of each head: (batch, classes) each, in fp32."""

    # A BertModel or MPNetModel, or the wrapper that PEFT puts around it, which shares no type.
    def __init__(self, encoder: Any, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        width = encoder.config.hidden_size
        self.heads = nn.ModuleDict(
            {head: nn.Linear(width, classes) for head, classes in HEADS.items()}
        )
        # Heads that begin at zero stay comparable, so that models of several seeds can be averaged.
        for parameter in self.heads.parameters():
            nn.init.zeros_(parameter)

    def forward(self, inputs: Inputs) -> dict[Head, Tensor]:
        """Return the logits of each head."""
        hidden = self.encoder(**inputs).last_hidden_state
        pooled = self.dropout(mean_pool(hidden, inputs["attention_mask"]))
        return {head: self.heads[head](pooled).float() for head in HEADS}


class ConcatenatedTasks(nn.Module):
    """Logits of ``model``, the heads side by side: (batch, classes of all heads)."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the logits for token ids and attention mask, (batch, tokens) each."""
        logits = self.model({"input_ids": ids, "attention_mask": mask})
        return torch.cat([logits[head] for head in HEADS], dim=1)


def loss(
    logits: Mapping[Head, Tensor], labels: Mapping[Head, Tensor], taught: Tensor, smoothing: float
) -> Tensor:
    """Return the mean loss over all labels of the batch, whichever task they belong to.

    The loss is cross entropy. For topics binary cross entropy over the same logits is added, so
    that each topic has a score of its own and an article may have several. A label below 0 is
    missing. Severities are added to the loss of their texts, and not counted as labels. A text that
    a teacher has answered counts as one with a label of each task (`_taught_loss`).
    """
    sums = [_head_loss(head, logits[head], labels[head], smoothing) for head in logits]
    tasks = [head for head in labels if head != "severity"]
    count = sum(int((labels[task] >= 0).sum()) for task in tasks)
    answered = ~taught[:, 0].isnan()
    if answered.any():
        sums.append(
            _taught_loss({head: logits[head][answered] for head in logits}, taught[answered])
        )
        count += int(answered.sum()) * len(tasks)
    return torch.stack(sums).sum() / max(count, 1)


def _taught_loss(logits: Mapping[Head, Tensor], taught: Tensor) -> Tensor:
    """Return the loss against a teacher's answers (Hinton, Vinyals & Dean 2015), summed.

    It is the cross entropy with the teacher's sentiments, and with its topics' scores as shares;
    of severity the squared difference.
    """
    sentiments = HEADS["sentiment"]
    sentiment, topics, severity = taught[:, :sentiments], taught[:, sentiments:-1], taught[:, -1]
    shares = topics / topics.sum(dim=1, keepdim=True).clamp(min=_MIN_SCORES)
    levels = torch.arange(HEADS["severity"], dtype=taught.dtype, device=taught.device)
    expected = logits["severity"].softmax(dim=1) @ levels
    of_sentiments = functional.cross_entropy(logits["sentiment"], sentiment, reduction="sum")
    of_topics = functional.cross_entropy(logits["topic"], shares, reduction="sum")
    return of_sentiments + of_topics + SEVERITY_WEIGHT * (expected - severity).square().sum()


def _head_loss(head: Head, logits: Tensor, labels: Tensor, smoothing: float) -> Tensor:
    labelled = labels >= 0
    logits, target = logits[labelled], labels[labelled]
    if not len(target):
        return logits.sum()  # zero, with a gradient: distributed training waits for every head
    total = functional.cross_entropy(logits, target, label_smoothing=smoothing, reduction="sum")
    if head == "severity":
        total = SEVERITY_WEIGHT * total
    if head == "topic":
        one_hot = functional.one_hot(target, logits.shape[1]).to(logits.dtype)
        binary = functional.binary_cross_entropy_with_logits(logits, one_hot, reduction="sum")
        total = total + TOPIC_BINARY_WEIGHT * binary
    return total
