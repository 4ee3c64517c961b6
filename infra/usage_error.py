"""The error for a command line that asks for what can't be done."""


class UsageError(Exception):
    """Input or options of a command can't be used; the message says what to change."""
