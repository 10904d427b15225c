"""Commands of `zhiping` in the test's own process."""

from argparse import ArgumentParser

from app.commands.tables import Line
from config.settings import load_settings


async def run_line(line: Line, settings_values: dict[str, str], *arguments: str) -> int:
    """One command as the terminal runs it, without the process; its exit code."""
    parser = ArgumentParser()
    for one in line.arguments:
        parser.add_argument(*one.flags, **one.options)
    return await line.run(load_settings(settings_values), parser.parse_args(arguments))
