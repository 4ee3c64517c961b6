"""The answer of ``/api/flow``: rates, lag, delays, workers and dead letters."""

from typing import TYPE_CHECKING, Any

from dashboard.api.sources import Sources
from dashboard.feed import Feed
from dashboard.operations import AgentState, Operations
from dashboard.view.flow import DAY_SECONDS
from dashboard.view.news_view import CHANNELS, NewsView
from detection.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable


def flow_answer(view: NewsView, feed: Feed, operations: Operations, wall: float) -> dict[str, Any]:
    """Return the state of the pipeline at the Unix time ``wall``."""
    now, flow = int(wall), view.flow
    delay = flow.delay("score", now)
    alert_delay = flow.delay("detect", now, DAY_SECONDS)
    return {
        "feed": feed_answer(feed),
        "problem": operations.problem,
        "agents": [_agent(agent) for agent in operations.agents],
        "rates": {channel.topic: flow.rates(channel.topic, now) for channel in CHANNELS},
        "records": {channel.topic: flow.records[channel.topic] for channel in CHANNELS},
        "delay": delay._asdict() if delay else None,
        "alert_delay": alert_delay._asdict() if alert_delay else None,
        "watermark_delay": view.watermark_delay,
        "unreadable": view.unreadable,
        "model": view.model,
        "reasons": [
            {"stage": stage, "reason": reason, "count": count}
            for (stage, reason), count in flow.reasons.most_common()
        ],
        "letters": [letter._asdict() for letter in reversed(flow.letters)],
    }


def whole_flow_answer(sources: Sources, wall: float) -> dict[str, Any]:
    """Return the state of the pipeline, and of the models of the workers whose ports are known."""
    flow = flow_answer(sources.view, sources.feed, sources.operations, wall)
    models = sources.models
    return flow | {
        "ports": list(models.addresses),
        "models": [state._asdict() for state in models.states],
    }


def feed_answer(feed: Feed) -> dict[str, Any]:
    """Return how far the dashboard has read."""
    return {"state": feed.state, "share": round(feed.share, 4), "problem": feed.problem}


def rule_answer(rule: Rule) -> dict[str, Any]:
    """Return what the pages say about the rule."""
    return {
        "bin_seconds": rule.bin.total_seconds(),
        "version": rule.version,
        "silenced": rule.silenced,
    }


def _agent(agent: AgentState) -> dict[str, Any]:
    members: Iterable[dict[str, Any]] = (member._asdict() for member in agent.members)
    return agent._asdict() | {"members": list(members)}
