"""How Python runs in a worker."""

import asyncio
import gc
import sys
from typing import Final

_YOUNG = 50_000
_MIDDLE = 20
_OLD = 100
_TURN_SECONDS: Final = 0.0005
"""For which a thread may keep the interpreter to itself while another waits, a tenth of Python's
default. A model in threads asks for it after each matrix product, while articles are decided about
in another: with the default its cores wait for milliseconds each time."""


def use_uvloop() -> None:
    """Make asyncio use uvloop from now on, where there is one: not on Windows.

    A policy and not a loop, since each of Faust's consumers makes a loop for its thread.
    """
    if sys.platform == "win32":
        return
    import uvloop  # noqa: PLC0415 - not installed on Windows

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


def collect_garbage_rarely() -> None:
    """Look for cycles seldom, and never in what is there now.

    Thousands of records are in flight at a time, none of them part of a cycle. With Python's
    defaults, walking over them again and again took a tenth of the time of a stage.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


def use_short_switch_interval() -> None:
    """Let threads take turns often, where a model works in some of them."""
    sys.setswitchinterval(_TURN_SECONDS)
