"""A terminal for tests: a command runs in it, and what a person would see can be read."""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

_SETSID = shutil.which("setsid") or "setsid"
_SEQUENCE = re.compile(
    r"\x1b\[(?P<private>\?)?(?P<numbers>[\d;]*)(?P<letter>[A-Za-z])|\x1b[=>]|\x1b\][^\x07]*\x07"
)


class Screen:
    """The part of a terminal's screen that rich uses: lines, cursor moves, erasing, two screens."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.lines = [""]
        self.row = self.column = 0
        self.is_alternate = False
        self.shows_cursor = True
        self._normal: tuple[list[str], int, int] = ([""], 0, 0)
        self._rest = ""

    def feed(self, text: str) -> None:
        """Take in what the command wrote."""
        text = self._rest + text
        cut = text.rfind("\x1b")
        is_cut = cut >= 0 and not _SEQUENCE.match(text, cut)
        self._rest, text = (text[cut:], text[:cut]) if is_cut else ("", text)
        at = 0
        while at < len(text):
            if match := _SEQUENCE.match(text, at):
                self._control(match)
                at = match.end()
            else:
                self._put(text[at])
                at += 1

    def text(self) -> str:
        """Return the lines of the screen that is shown."""
        return "\n".join(line.rstrip() for line in self.lines)

    def _control(self, match: re.Match[str]) -> None:
        numbers, letter = match["numbers"] or "", match["letter"]
        if letter is None:
            return
        first = int(numbers.split(";")[0] or 0)
        if match["private"]:
            if first == 25:
                self.shows_cursor = letter == "h"
            elif first == 1049 and letter == "h":
                self._normal = (self.lines, self.row, self.column)
                self.lines, self.row, self.column, self.is_alternate = [""], 0, 0, True
            elif first == 1049:
                self.lines, self.row, self.column = self._normal
                self.is_alternate = False
        elif letter == "A":
            self.row = max(0, self.row - max(1, first))
        elif letter == "H":
            self.row = self.column = 0
        elif letter == "K":
            kept = "" if first == 2 else self.lines[self.row][: self.column]
            self.lines[self.row] = kept
        elif letter == "J":
            self.lines = [""] if first == 2 else self.lines[: self.row + 1]
            self.row = min(self.row, len(self.lines) - 1)

    def _put(self, character: str) -> None:
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.row += 1
        elif character.isprintable():
            if self.column >= self.columns:
                self.row, self.column = self.row + 1, 0
            self._fill()
            line = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = line[: self.column] + character + line[self.column + 1 :]
            self.column += 1
        self._fill()

    def _fill(self) -> None:
        while len(self.lines) <= self.row:
            self.lines.append("")


class Terminal:
    """A command in a terminal, which reads its keys and shows what it writes."""

    def __init__(self, process: "subprocess.Popen[bytes]", master: int, screen: Screen) -> None:
        self.process = process
        self.screen = screen
        self._master = master

    def read(self, seconds: float) -> None:
        """Show what the command writes for some seconds, or until it has ended."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._master], [], [], min(left, 0.1))[0]:
                try:
                    data = os.read(self._master, 1 << 16)
                except OSError:  # Linux says so when the other side is closed
                    return
                if not data:
                    return
                self.screen.feed(data.decode("utf-8", "replace"))

    def wait_for(self, shown: Callable[[str], object], seconds: float = 60.0) -> str:
        """Return the text of the screen once ``shown`` holds of it."""
        end = time.monotonic() + seconds
        while not shown(self.screen.text()):
            assert time.monotonic() < end, self.screen.text()
            self.read(0.1)
        return self.screen.text()

    def press(self, keys: bytes) -> None:
        """Press keys, as bytes; Ctrl-C is byte 3."""
        os.write(self._master, keys)


@contextmanager
def terminal(
    command: Sequence[str | os.PathLike[str]],
    environment: Mapping[str, str],
    columns: int = 80,
    rows: int = 24,
) -> Iterator[Terminal]:
    """Run a command in a terminal of its own; kill it if it is still there at the end."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    others = {
        name: value for name, value in environment.items() if name not in {"COLUMNS", "LINES"}
    }
    process = subprocess.Popen(
        # Else Ctrl-C would be no signal, or be ignored, as shells have it in the background.
        [_SETSID, "--ctty", "env", "--default-signal=INT", *command],
        env={**others, "TERM": "xterm-256color"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    try:
        yield Terminal(process, master, Screen(columns, rows))
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)
        os.close(master)
