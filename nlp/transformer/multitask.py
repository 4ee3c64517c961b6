"""One encoder and a linear head a task, over the mean of the tokens' vectors."""

from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from nlp.tasks import LABELS, Task

Inputs = Mapping[str, Tensor]

INDEPENDENT: Final = 0.25
"""Weight of the topics' binary cross entropy."""


def mean_pool(hidden: Tensor, mask: Tensor) -> Tensor:
    """The mean over the tokens that are not padding: (batch, tokens, width) to (batch, width)."""
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1.0)


class MultiTask(nn.Module):
    """Logits of every task: (batch, classes) each, in fp32."""

    def __init__(self, encoder: Any, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        width = encoder.config.hidden_size
        self.heads = nn.ModuleDict({task: _zero(width, len(of)) for task, of in LABELS.items()})

    def forward(self, inputs: Inputs) -> dict[Task, Tensor]:
        """Take inputs as the tokenizer gives them: ``input_ids``, ``attention_mask``."""
        hidden = self.encoder(**inputs).last_hidden_state
        pooled = self.dropout(mean_pool(hidden, inputs["attention_mask"]))
        return {task: self.heads[task](pooled).float() for task in LABELS}


class Rows(nn.Module):
    """What ``model`` says, the tasks side by side: (batch, classes of all)."""

    def __init__(self, model: MultiTask) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Take token ids and which of them are no padding: (batch, tokens) each."""
        found = self.model({"input_ids": ids, "attention_mask": mask})
        return torch.cat([found[task] for task in LABELS], dim=1)


def _zero(width: int, classes: int) -> nn.Linear:
    # Heads that all begin at zero stay comparable, so that models of several seeds can be averaged.
    head = nn.Linear(width, classes)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    return head


def loss(logits: Mapping[Task, Tensor], labels: Mapping[Task, Tensor], smoothing: float) -> Tensor:
    """Mean loss over all labels of the batch, whichever task they belong to.

    Cross entropy; for topics binary cross entropy besides, over the same logits, so that each is
    a score of its own and an article may have several.
    """
    parts = [_task_loss(task, logits[task], labels[task], smoothing) for task in logits]
    count = sum(int((found >= 0).sum()) for found in labels.values())
    return torch.stack(parts).sum() / max(count, 1)


def _task_loss(task: Task, logits: Tensor, labels: Tensor, smoothing: float) -> Tensor:
    known = labels >= 0
    logits, target = logits[known], labels[known]
    if not len(target):
        return logits.sum()  # zero, with a gradient: distributed training waits for every head
    total = functional.cross_entropy(logits, target, label_smoothing=smoothing, reduction="sum")
    if task == "topic":
        each = functional.one_hot(target, logits.shape[1]).to(logits.dtype)
        independent = functional.binary_cross_entropy_with_logits(logits, each, reduction="sum")
        total = total + INDEPENDENT * independent
    return total
