"""``newsquake state verify``."""

from pathlib import Path

from agents.backup import plan_backup
from cli.state.lines import Content, TimedProgress, print_content
from infra.settings.model import Settings
from streams.backup.check import check_backup


def run(settings: Settings, file: Path, *, as_json: bool) -> None:
    """Print what is in the backup ``file``.

    Raises:
        BadBackup: It is damaged, truncated, foreign, or of a newer release.
        OSError: It can't be read.
    """
    backup = check_backup(file, plan_backup(settings.kafka), TimedProgress("checking"))
    content = Content(file, backup.heading, backup.sections, backup.end)
    print_content(content, f"{file} is whole", as_json=as_json)
