"""The shell commands of all pages, and how each of them is tried.

``python -m tests.docs.page_commands`` prints them. A command of Newsquake's is run where that takes
seconds; otherwise its words are held against the command line, so that no option can be wrong. What
is not Newsquake's own needs a reason here, and its files, targets and variables must exist.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]
BLOCK: Final = re.compile(r"^ *```(sh|console)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
ASSIGNMENT: Final = re.compile(r"([A-Z_]+)=(.*)", re.DOTALL)

RUN_TOGETHER: Final = (
    "docs/how-to/work-with-alerts.md",  # first: news of later days resolves the alert
    "docs/dead-letters.md",
    "README.md",
    "docs/backtest.md",
    "docs/dashboard.md",
    "docs/doctor.md",
    "docs/how-to/follow-a-feed.md",
    "docs/how-to/grow-topics.md",
    "docs/notify.md",
    "docs/terminal.md",
)
"""Pages whose commands `test_page_commands_kafka.py` runs on one cluster, in their order."""
OWN_TEST: Final = {
    "docs/tutorial.md": "test_tutorial_kafka.py",
    "docs/feeds.md": "test_feed_table.py",
    "docs/how-to/add-a-language.md": "test_add_a_language.py",
    "docs/how-to/back-up-and-restore.md": "test_back_up_and_restore_kafka.py",
    "docs/how-to/check-a-feed.md": "test_check_a_feed.py",
}
"""Pages all of whose commands a test of their own runs."""
ONLY_READ: Final = {
    r"newsquake .*https://example\.com/": "needs the internet; tests/cli/test_sources_kafka.py",
    r"newsquake top$": "needs a terminal; tests/dashboard/test_top_kafka.py",
    r"newsquake --install-completion": "changes the user's shell; tests/cli/test_help.py",
    r"newsquake backtest \.\./shared/": "takes minutes; tests/golden/test_golden.py",
    r"newsquake (train|evaluate|predict) .*mine": "trains; tests/cli/test_models_walk_kafka.py",
    r"newsquake adapt ": "trains; tests/cli/test_adapt_kafka.py",
    r"newsquake worker$": "has a model of one's own; tests/cli/test_models_walk_kafka.py",
    r"newsquake worker --agents summarise": "has an agent of one's own; test_how_tos.py",
    r"newsquake topics create$": "is run on other pages",
    r"newsquake backtest … ": "has a place for one's own words",
}
"""Commands of Newsquake's that are only held against the command line, elsewhere than above."""
OTHERS: Final = {
    r"make demo": "tests/demo, with the same options",
    r"make bench": "80 minutes; tests/bench/test_suite.py",
    r"make soak": "half an hour; tests/bench/test_soak_kafka.py",
    r"cp \.env\.example \.env": "tests/infra/test_compose.py reads the file",
    r"docker ": "needs an engine; `make test-compose`, tests/infra/test_compose.py",
    r"(kubectl|helm|kustomize) ": "needs a cluster",
    r"(promtool|amtool) ": "a tool of Prometheus",
    r"pip install ": "needs the registry; test_installing.py",
    r"uv sync ": "needs the registry",
    r"kafka-configs ": "a tool of Kafka's; test_reading_topics_kafka.py runs what it does",
    r"python3? gpu\.zip": "needs a graphics card; tests/bench/test_gpu.py",
    r"python bench/": "minutes to hours",
    r"python -m labelling\.": "hours of training",
    r"python -m schemas\.": "test_how_tos.py",
    r"curl ": "test_page_commands_kafka.py sends the same request",
}
"""Commands that are not Newsquake's, and why they are not run."""


class Command(NamedTuple):
    """A command of a page.

    Attributes:
        page: The page, relative to the root.
        words: The command's words, without variables before it and without ``uv run``.
        variables: Variables that are set for it, or exported by it.
    """

    page: str
    words: tuple[str, ...]
    variables: dict[str, str]

    @property
    def line(self) -> str:
        """The words in one line."""
        return " ".join(self.words)

    @property
    def how(self) -> str:
        """How the command is tried, in words; empty if nobody has said so."""
        if not self.words:
            return "names of settings are checked"
        if self.page in OWN_TEST:
            return f"run by {OWN_TEST[self.page]}"
        if self.words[0] != "newsquake":
            return _reason(OTHERS, self.line)
        is_run = self.page in RUN_TOGETHER
        table = dict(list(ONLY_READ.items())[:4]) if is_run else ONLY_READ
        if reason := _reason(table, self.line):
            return f"options are checked: {reason}"
        return "run" if is_run else "options are checked: nobody has said how to run it"


def _reason(table: dict[str, str], line: str) -> str:
    return next((why for pattern, why in table.items() if re.match(pattern, line)), "")


def pages() -> list[Path]:
    """Return all pages but those of the reference, whose examples tests/cli/test_help.py reads."""
    files = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("nlp/*/*.md")]
    kept = [file for file in files if file.parent != ROOT / "docs/reference"]
    return sorted([*kept, ROOT / "bench/README.md"])


def commands() -> Iterator[Command]:
    """Yield all commands of all pages."""
    for file in pages():
        page = str(file.relative_to(ROOT))
        for kind, block in BLOCK.findall(file.read_text("utf-8")):
            for line in _lines(kind, block):
                yield read(page, line)


def read(page: str, line: str) -> Command:
    """Return the command of a line of a page."""
    words = shlex.split(line, comments=True)
    if words[:1] == ["export"]:
        words = words[1:]
    variables = {}
    while words and (match := ASSIGNMENT.fullmatch(words[0])):
        variables[match[1]] = match[2]
        words = words[1:]
    if words[:2] == ["uv", "run"]:
        words = words[2:]
        while words[0] in {"--extra", "--group"}:
            words = words[2:]
    return Command(page, tuple(words), variables)


def _lines(kind: str, block: str) -> Iterator[str]:
    for line in block.replace("\\\n", " ").splitlines():
        if kind == "sh" and (text := line.strip()) and not text.startswith("#"):
            # A word in quotes may go on in the next line; none of ours does.
            yield text
        elif kind == "console" and line.startswith("$ "):
            yield line.removeprefix("$ ")


def main() -> None:
    """Print every command and how it is tried."""
    for command in commands():
        text = " ".join([*(f"{name}=…" for name in command.variables), command.line])
        print(f"{command.page}: {text}\n    {command.how}")  # noqa: T201 - its purpose


if __name__ == "__main__":
    main()
