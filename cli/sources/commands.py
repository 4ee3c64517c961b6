"""The commands that bring articles in: ``newsquake source`` and ``newsquake serve``."""

from pathlib import Path
from typing import Annotated

import typer

from cli.io import input_arguments as arguments

source = typer.Typer(no_args_is_help=True, help="Follow feeds or a folder; send each article once.")
serve = typer.Typer(no_args_is_help=True, help="Take articles over HTTP.")

Once = Annotated[
    bool, typer.Option("--once", help="Look once and end: with 1 if something failed.")
]


@source.command(epilog="Example: newsquake source rss https://example.com/rss --interval 300")
def rss(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    urls: Annotated[list[str], typer.Argument(help="Addresses of RSS, Atom or JSON feeds.")],
    interval: Annotated[
        float, typer.Option(min=0.1, help="Seconds between two fetches of a feed, at least.")
    ] = 300.0,
    profile: arguments.ProfileName = "",
    name: Annotated[
        str,
        typer.Option("--source", help="Source of all articles; else item's, feed's title or host."),
    ] = "",
    once: Once = False,
    max_bytes: Annotated[
        int, typer.Option(min=1_000, help="Bytes of a document, after unpacking.")
    ] = 16 << 20,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for a whole answer.")] = 30.0,
    host_interval: Annotated[
        float, typer.Option(min=0.0, help="Seconds between two requests to one host.")
    ] = 1.0,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Fetch from addresses that are not public.")
    ] = False,
) -> None:
    """Follow feeds, and send each of their items once, also after a restart.

    What was sent is remembered in state.sources. A server's Cache-Control and Retry-After, and the
    feed's own ttl, are kept to. A feed that fails is tried again after growing pauses.
    """
    from cli.command_setup import settings
    from cli.sources.following import Feeds, follow_feeds
    from infra.feeds.fetching import Limits

    limits = Limits(max_bytes, timeout, host_interval, allow_private)
    follow_feeds(settings(context), Feeds(urls, interval, profile, once, limits, name))


@source.command(epilog="Example: newsquake source directory /var/spool/news")
def directory(  # noqa: PLR0913, PLR0917 - one for each option
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The folder that files appear in.")],
    interval: Annotated[
        float, typer.Option(min=0.1, help="A file that rests so many seconds is read.")
    ] = 2.0,
    name: Annotated[
        str, typer.Option(help="Under what the files sent are remembered; by default the path.")
    ] = "",
    once: Once = False,
    profile: arguments.ProfileName = "",
    mapping: arguments.Mapping = "",
    form: arguments.Format = "auto",
    date_format: arguments.DateFormat = "",
    timezone: arguments.Timezone = "",
    encoding: arguments.Encoding = "",
) -> None:
    """Send the rows of each file that appears in a folder once, also after a restart.

    A file is known by its content: one that was renamed is not sent again, and of one that has
    grown the new rows are. Names that begin with a dot or end with .tmp or .part are left alone.
    """
    from cli.command_setup import settings
    from cli.sources.following import FolderJob, follow_folder
    from infra.input.options import parse_options
    from infra.input.profile_folder import door_of

    chosen = settings(context)
    options = parse_options(
        mapping,
        form,
        date_format=date_format,
        timezone=timezone,
        encoding=encoding,
        profile=profile,
        door=door_of(chosen),
    )
    job = FolderJob(folder, interval, name or str(folder.resolve()), profile, once, options)
    follow_folder(chosen, job)


@serve.command(epilog="Example: newsquake serve ingest --port 8080")
def ingest(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Without it, that of serve.host.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Without it, that of serve.port.")
    ] = None,
) -> None:
    """Take articles by POST /articles until SIGTERM or Ctrl-C; /openapi.json describes it.

    The token is taken from the setting serve.token, NEWSQUAKE_SERVE__TOKEN.
    """
    from cli.command_setup import settings
    from cli.sources.serving import run

    chosen = settings(context)
    given = {"host": host, "port": port}
    changes = {field: value for field, value in given.items() if value is not None}
    run(chosen.model_copy(update={"serve": chosen.serve.model_copy(update=changes)}))
