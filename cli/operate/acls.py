"""``newsquake acls``."""

import typer

from agents.access import ROLES, grant_commands, rights
from infra.settings.model import Settings
from infra.usage_error import UsageError

WORKER = "worker"
"""The role of a worker with all of its agents."""


def run(settings: Settings, role: str, user: str, group: str) -> None:
    """Print the commands of `kafka-acls` that give ``user`` the rights of ``role``.

    Raises:
        UsageError: There is no such role.
    """
    roles = settings.worker.agents if role == WORKER else (role,)
    if unknown := set(roles) - ROLES.keys():
        raise UsageError(
            f"no role {', '.join(sorted(unknown))}: name {WORKER}, or one of {', '.join(ROLES)}"
        )
    for line in grant_commands(settings.kafka, user or role, rights(roles), group):
        typer.echo(line)
