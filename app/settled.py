"""A command with its settings: those of the environment, of a running demo, or with servers of its own (contract §1)."""

import asyncio
import os
from argparse import Namespace

from app.commands.tables import Single
from app.environment import settings_for
from config.logging import set_up_logging
from config.settings import Settings
from models.database import migrate_schema


def run_settled(command: Single, options: Namespace) -> int:
    """Run the command to its end; its exit code."""
    with settings_for(os.environ, may_start=command.may_start) as settings:
        set_up_logging("error" if command.may_start else settings.log_level)
        return asyncio.run(_in_order(command, settings, options))


async def _in_order(command: Single, settings: Settings, options: Namespace) -> int:
    """A one-shot command may be the first to use a database: it brings the schema to the newest version."""
    if command.may_start:
        await migrate_schema(settings.database_url.get_secret_value())
    return await command.run(settings, options)
