"""An alert that one receiver refuses for good, while another takes it."""

from agents.notify import Undelivered
from agents.notifying.retrying import DELIVERED, Outcome
from agents.notifying.routes import NotifySettings
from tests.agents.notifying.conftest import alert
from tests.agents.notifying.worker import Worker


async def refuse_for_good() -> None:
    """Let a receiver refuse an alert; it is set aside for that route alone."""
    url = "https://desk.example"
    routes = {name: {"to": "webhook", "url": url} for name in ("refuses", "takes")}
    worker = Worker(NotifySettings.model_validate({"routes": routes}))
    worker.write(alert())
    gone = Outcome("refused", "status 404")
    for _ in range(3):
        await worker.turn(lambda delivery: gone if delivery.route == "refuses" else DELIVERED)
    assert [delivery.route for delivery in worker.received] == ["takes"]
    (rejection,) = worker.rejections
    assert type(rejection.cause) is Undelivered
