"""The error for command lines that can't be carried out."""


class UsageError(Exception):
    """A command's input or options can't be used; the message says what to change."""
