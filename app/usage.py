"""What the command line says of arguments that cannot be used: argparse speaks English, people here read Chinese."""

import argparse
import re
from collections.abc import Callable
from typing import Any, NoReturn

from scoring.faults import suggest

UNUSABLE = 2


class _Help(argparse.HelpFormatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """Called by argparse, with a prefix only where it prints a part of the usage."""
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)

    def format_help(self) -> str:
        """Argparse puts its own colon behind the two headings."""
        return re.sub(r"^(参数|选项):$", r"\1：", super().format_help(), flags=re.MULTILINE)


class Parser(argparse.ArgumentParser):
    """An argument parser that speaks Chinese. Of what is wrong it says one sentence and where the usage is told; it leaves with 2."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, formatter_class=_Help, add_help=False)
        self._positionals.title, self._optionals.title = "参数", "选项"
        self.add_argument("-h", "--help", action="help", help="显示这段说明")

    def error(self, message: str) -> NoReturn:
        """Called by argparse with its own sentence."""
        self.exit(UNUSABLE, f"参数不能用：{in_chinese(message)}（用法：{self.prog} --help）\n")


def in_chinese(message: str) -> str:
    """A sentence of argparse, in Chinese; what is said in Chinese already, by the type of an argument, stays."""
    for pattern, say in _SENTENCES:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return say(found)
    return message


def _no_such_choice(found: re.Match[str]) -> str:
    known = re.findall(r"'([^']*)'", found[3])
    return f"{found[1]} 没有「{found[2][:20]}」{suggest(found[2], known)}"


_SENTENCES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"the following arguments are required: (.+)", lambda found: f"缺少 {found[1].replace(', ', '、')}"),
    (r"unrecognized arguments: (.+)", lambda found: f"不认识 {found[1][:60]}"),
    (r"ambiguous option: (\S+) could match (.+)", lambda found: f"{found[1]} 不明确，可能是 {found[2]}"),
    (r"argument (\S+): invalid choice: '(.*)' \(choose from (.+)\)", _no_such_choice),
    (r"argument (\S+): invalid \w+ value: '(.*)'", lambda found: f"{found[1]}：「{found[2][:20]}」不是整数"),
    (r"argument (\S+): expected .*argument.*", lambda found: f"{found[1]} 后面要写内容"),
    (r"argument (\S+): ignored explicit argument .*", lambda found: f"{found[1]} 后面不写内容"),
    (r"argument (\S+): (.*)", lambda found: f"{found[1]}：{found[2]}"),
)
