"""The event loop that workers run on."""

import asyncio
import sys


def use_fast_loops() -> None:
    """Make asyncio use uvloop from now on, where there is one: not on Windows.

    A policy and not a loop, since each of Faust's consumers makes a loop for its thread.
    """
    if sys.platform == "win32":
        return
    import uvloop  # noqa: PLC0415 - not installed on Windows

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
