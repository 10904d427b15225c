"""`zhiping menu …`: the service account's menu. Prints, and returns the exit code."""

from argparse import Namespace

from app.commands.tables import Line
from app.resources import open_runtime
from bot.tokens import WeChatError
from config.refusals import Refusal
from config.settings import Settings
from handlers.chat.menu import menu


async def push(settings: Settings, options: Namespace) -> int:
    """`zhiping menu push`."""
    async with open_runtime(settings) as rt:
        try:
            await rt.wechat.create_menu(menu())
        except WeChatError as failure:
            raise Refusal("menu_refused", f"微信平台没有接受菜单（{failure}）。") from failure
    print("菜单已推送；手机上几分钟内更新。")
    return 0


MENU_COMMANDS = (Line("push", "把菜单推送到公众号", push),)
