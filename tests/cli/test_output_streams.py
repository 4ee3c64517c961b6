"""What a command prints is for programs; what it logs is apart."""

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(sys.executable).with_name("newsquake")


def test_a_warning_does_not_stand_between_the_json_of_a_backtest(tmp_path: Path) -> None:
    """A program that reads alerts would fail on the first text in a language that nobody reads."""
    file = tmp_path / "rows.jsonl"
    rows = [
        {
            "headline": f"La banque annonce une perte de {day} millions d'euros pour ses clients",
            "published": f"2026-03-{day:02}T10:00:00Z",
            "tickers": ["ACME"],
        }
        for day in range(1, 6)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = subprocess.run(
        [SCRIPT, "backtest", str(file), "--json"],
        env={**os.environ, "NEWSQUAKE_NLP__MODEL": "lexicon"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "articles unread" in done.stderr
    for line in done.stdout.splitlines():
        assert isinstance(json.loads(line), dict)
