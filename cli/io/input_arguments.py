"""Arguments that the commands have in common that read files of articles."""

from typing import Annotated

import typer

from infra.input.options import Form

Files = Annotated[
    list[str], typer.Argument(metavar="FILE…", help="Input files; - is standard input.")
]
Mapping = Annotated[str, typer.Option("--map", help="Columns of the fields: field=column,…")]
Format = Annotated[Form, typer.Option("--format", help="Form of the files; auto looks at each.")]
DateFormat = Annotated[
    str, typer.Option("--date-format", help="Form of the dates, such as '%d/%m/%Y %H:%M'.")
]
Timezone = Annotated[
    str, typer.Option("--timezone", help="Zone of times without one, such as America/New_York.")
]
Encoding = Annotated[
    str, typer.Option("--encoding", help="Encoding of the files, such as cp1252; else recognised.")
]
ProfileName = Annotated[
    str, typer.Option("--profile", help="The feed's profile: a shipped one, or a TOML file.")
]
Headers = Annotated[
    list[str] | None,
    typer.Option("--headers", metavar="NAME=VALUE", help="A header of each record; repeatable."),
]
