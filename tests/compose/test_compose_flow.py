"""docker-compose.yml on an engine: the whole way of news, a kill, and a rolling restart."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Iterator

import pytest

from agents.cluster_layout import ClusterLayout
from demo.account import balance
from demo.feed.generate import Feed, generate
from demo.player import Player
from demo.reader import Reader
from infra.kafka.port import free_ports
from tests.compose.engine import engine
from tests.compose.project import IMAGE, Project, bases, call
from tests.delays import Delays

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1_800)]

LIMIT_SECONDS = 5.0
ARTICLES = 2_000
FEED_SECONDS = 90.0
WORKERS = 3
PATIENCE_SECONDS = 180.0
QUIET_SECONDS = 3.0
ROUTES = {"desk": {"to": "webhook", "url": "http://webhook:8000/", "allow_private": True}}
SETTINGS = {
    "NEWSQUAKE_NLP__MODEL": "lexicon",
    "NEWSQUAKE_DETECT__MAX_AHEAD": "36500d",
    "NEWSQUAKE_NOTIFY__ROUTES": f"'{json.dumps(ROUTES)}'",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The image, built, and a project with a broker, three workers, `notify` and a receiver."""
    settings = tmp_path_factory.mktemp("compose") / "settings.env"
    (port,) = free_ports(1)
    with engine() as environ:
        images = bases(environ)
        image = _built(environ, images["BASE"])
        values = {**images, "IMAGE": image, "KAFKA_PORT": str(port), "ENV_FILE": str(settings)}
        lines = [f"{name}={value}\n" for name, value in (values | SETTINGS).items()]
        settings.write_text("".join(lines))
        project = Project(environ, f"newsquake-{uuid.uuid4().hex[:8]}", settings, port)
        try:
            scale = ("--scale", f"worker={WORKERS}")
            services = ("worker", "notify", "webhook")
            project.compose("up", "--detach", "--no-build", *scale, *services)
            project.wait_until_ready(project.containers("worker"))
            yield project
        except BaseException:
            print(project.logs)  # noqa: T201 - pytest shows it
            raise
        finally:
            project.compose("down", "--volumes", "--timeout", "10")


def _built(environ: dict[str, str], base: str) -> str:
    """Return the image that COMPOSE_IMAGE names, or one that is built now."""
    if named := environ.get("COMPOSE_IMAGE"):
        return named
    options = ("--network", "host", "--build-arg", f"BASE={base}", "--tag", IMAGE)
    legacy = {"DOCKER_BUILDKIT": "0"} | environ
    file = ("--file", "infra/docker/Dockerfile")
    call(legacy, "docker", "build", *options, *file, ".", seconds=1_200.0)
    return IMAGE


def test_containers_are_kept_in_bounds(project: Project) -> None:
    """Whoever breaks into a worker could change it, or take the machine's memory."""
    for service in ("worker", "notify"):
        for container in project.containers(service):
            document = project.inspect(container)
            host, image = document["HostConfig"], document["Config"]
            assert host["ReadonlyRootfs"]
            assert host["CapDrop"] == ["ALL"]
            assert host["SecurityOpt"] == ["no-new-privileges:true"]
            assert host["Memory"] > 0
            assert host["PidsLimit"] > 0
            assert image["User"] == "10001:10001"
            written = call(project.environ, "docker", "exec", container, "id", "-u")
            assert written.strip() == "10001"


def test_a_kill_and_a_rolling_restart_lose_nothing_and_alerts_are_told(project: Project) -> None:
    """News would be lost or doubled, or wait, when containers die or are replaced."""
    figures: dict[str, str] = {}
    feed = generate(articles=ARTICLES)
    try:
        asyncio.run(_play(project, feed, figures))
    except BaseException:
        print(figures, project.logs)  # noqa: T201 - pytest shows it
        raise


async def _play(project: Project, feed: Feed, figures: dict[str, str]) -> None:
    """Send the feed; kill a worker and restart all of them meanwhile; check the account."""
    layout = ClusterLayout(bootstrap=f"localhost:{project.port}")
    player, reader, delays = Player(layout, feed.sent, FEED_SECONDS), Reader(layout), Delays(layout)
    watching = [asyncio.create_task(part) for part in (reader.read(), delays.run())]
    playing = asyncio.create_task(player.play())
    try:
        await delays.begin()
        workers = project.containers("worker")
        restarts = await asyncio.to_thread(project.restarts, workers[0])
        await asyncio.to_thread(project.kill, workers[0])
        await asyncio.to_thread(project.wait_until_ready, workers)
        assert await asyncio.to_thread(project.restarts, workers[0]) > restarts
        figures["longest wait after SIGKILL"] = f"{delays.longest:.1f} s"
        await delays.begin()
        longest_stop = 0.0
        for container in workers:
            seconds, code = await asyncio.to_thread(project.stop, container)
            assert code == 0
            longest_stop = max(longest_stop, seconds)
            await asyncio.to_thread(call, project.environ, "docker", "start", container)
            await asyncio.to_thread(project.wait_until_ready, [container])
        await asyncio.wait_for(delays.settled(), PATIENCE_SECONDS)
        assert not playing.done(), "the feed ended before the restarts: make FEED_SECONDS longer"
        assert delays.until_scored > 0.0
        longest_wait = delays.longest
        figures["longest stop"] = f"{longest_stop:.1f} s"
        figures["longest wait in a rolling restart"] = f"{longest_wait:.1f} s"
        await playing
        await _until(lambda: _is_done(reader, feed) and bool(reader.alerts))
        alerts = {alert.event_id for alert in reader.alerts}
        await _until(lambda: alerts <= _told(project))
    finally:
        for task in (playing, *watching):
            task.cancel()
        await asyncio.gather(playing, *watching, return_exceptions=True)
    account = balance(reader.tally(player.published), feed)
    figures |= {line.label: str(line.counted) for line in account.lines}
    figures["alerts told"] = str(len(_told(project)))
    print(", ".join(f"{name} {value}" for name, value in figures.items()))  # noqa: T201 - the line of figures
    assert account.closes, account.problems
    assert longest_stop <= LIMIT_SECONDS, figures
    assert longest_wait <= LIMIT_SECONDS, figures


def _is_done(reader: Reader, feed: Feed) -> bool:
    """Return whether all that was sent was scored, dropped as a copy, or set aside."""
    tally = reader.tally(0)
    done = sum(tally.scored.values()) + tally.duplicates + tally.dead
    return done >= len(feed.sent) and reader.quiet_seconds > QUIET_SECONDS


def _told(project: Project) -> set[str]:
    """Return the ids of the changes of alerts that the receiver was told of."""
    lines = call(project.environ, "docker", "logs", project.containers("webhook")[0]).splitlines()
    bodies = [json.loads(line) for line in lines if line.startswith("{")]
    return {alert["event_id"] for body in bodies for alert in body["alerts"]}


async def _until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await asyncio.to_thread(is_so):
        assert time.monotonic() < deadline, f"waited for {PATIENCE_SECONDS:.0f} s"
        await asyncio.sleep(0.5)
