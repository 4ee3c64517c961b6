"""Heat map of a subject: days by what else its news is about."""

from collections.abc import Iterable
from typing import Final

from dashboard.api.rows import Answer, moment
from dashboard.view.articles import KeptArticle

_DAY: Final = 86_400.0
_MAX_DAYS: Final = 31
_MAX_ROWS: Final = 14


def heat(subject: str, articles: Iterable[KeptArticle]) -> Answer:
    """Return the negative news of a subject by day and by what else it is about.

    Columns are days; rows are topics for a company, and companies for a topic. A cell is the sum of
    the negative probabilities of the articles, and their number.
    """
    other = "company:" if subject.startswith("topic:") else "topic:"
    cells: dict[tuple[str, int], list[float]] = {}
    days: set[int] = set()
    for article in articles:
        day, (scored, *_) = int(article.published // _DAY), article.records()
        days.add(day)
        for name in scored.subjects:
            if name.startswith(other):
                cell = cells.setdefault((name, day), [0.0, 0])
                cell[0] += scored.sentiment.negative
                cell[1] += 1
    totals: dict[str, float] = {}
    for (name, _), (negative, _) in cells.items():
        totals[name] = totals.get(name, 0.0) + negative
    rows = sorted(totals, key=lambda name: -totals[name])[:_MAX_ROWS]
    columns = list(range(max(days) - _MAX_DAYS + 1, max(days) + 1)) if days else []
    columns = [day for day in columns if day >= min(days)]
    return {
        "days": [moment(day * _DAY)[:10] for day in columns],
        "rows": [
            {"subject": name, "cells": [_cell(cells.get((name, day))) for day in columns]}
            for name in rows
        ],
    }


def _cell(cell: list[float] | None) -> list[float]:
    return [round(cell[0], 2), cell[1]] if cell else [0.0, 0]
