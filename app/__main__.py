"""The `zhiping` command (contract §1)."""

import argparse
import os
import sys
from functools import partial

from app.commands import WORDS
from app.commands.tables import Line, Plain, Single
from app.usage import UNUSABLE, Parser
from config.refusals import BadInput, Refusal

REFUSED = 1


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code: 0 done, 1 refused, 2 unusable arguments or input."""
    given = sys.argv[1:] if arguments is None else arguments
    options = make_parser(next((one for one in given if not one.startswith("-")), "")).parse_args(given)
    try:
        code: int = options.run_command(options)
        sys.stdout.flush()
        return code
    except Refusal as refusal:
        print(refusal.say, file=sys.stderr)
        if refusal.code in {"small_class", "empty_class", "double_voter"}:
            print(f"（{refusal.code}）", file=sys.stderr)
        return REFUSED
    except BadInput as bad:
        print("\n".join(bad.faults), file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read what is printed (head, less) has gone: there is nobody to tell, and the exit must not flush into it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    except Exception as error:
        from app.outages import outage_of

        say = outage_of(error)
        if say is None:
            raise
        print(say, file=sys.stderr)
        return REFUSED


def make_parser(word: str | None = None) -> argparse.ArgumentParser:
    """Every first word, and what can be said after it; with `word` only what can be said after that one."""
    parser = Parser(prog="zhiping", description="支评：党支部年度考核的微信公众号后端")
    words = parser.add_subparsers(required=True, metavar="命令")
    for one in WORDS:
        part = words.add_parser(one.name, help=one.say, description=one.say)
        if word in (None, one.name):
            _add_commands(part, one.load())
    return parser


def _add_commands(part: argparse.ArgumentParser, found: Single | Plain | tuple[Line, ...]) -> None:
    if isinstance(found, Single | Plain):
        _add_command(part, found)
        return
    lines = part.add_subparsers(required=True, metavar="做什么")
    for line in found:
        command = lines.add_parser(line.name, help=line.say, description=line.say)
        _add_command(command, Single(line.run, line.arguments))


def _add_command(part: argparse.ArgumentParser, command: Single | Plain) -> None:
    run = command.run if isinstance(command, Plain) else partial(_run_with_settings, command)
    part.set_defaults(run_command=run)  # a name that no argument of a command has
    for one in command.arguments:
        part.add_argument(*one.flags, **one.options)


def _run_with_settings(command: Single, options: argparse.Namespace) -> int:
    from app.settled import run_settled

    return run_settled(command, options)


if __name__ == "__main__":
    sys.exit(main())
