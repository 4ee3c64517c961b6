"""What a replay of dead letters would do. The pages show it; people do it by a command."""

from aiohttp import web

from dashboard.api.json_body import json_answer
from dashboard.replay_planner import ReplayPlanner
from streams.core.errors import StreamError


class Replaying:
    """Answers with plans; it replays nothing."""

    def __init__(self, planner: ReplayPlanner) -> None:
        self._planner = planner

    def routes(self) -> list[web.RouteDef]:
        """Return the addresses."""
        return [web.get("/api/replay-plan", self.plan)]

    async def plan(self, _: web.Request) -> web.Response:
        """Answer with what a replay would do, after some seconds."""
        try:
            plan = await self._planner.plan()
        except TimeoutError:
            text = (
                "there are too many dead letters to look at while you wait: `newsquake dlq replay` "
                "with --since and --max does the same"
            )
            raise web.HTTPServiceUnavailable(text=text) from None
        except StreamError as error:
            raise web.HTTPServiceUnavailable(text=str(error)) from None
        rows = [row._asdict() for row in plan.rows]
        return json_answer(plan._asdict() | {"rows": rows})
