"""What each command of `zhiping` does with settings in hand; `app.__main__` names them."""

from argparse import Namespace

from app import complaint_commands, meeting_commands, roster_commands
from app.resources import open_runtime
from app.serve import run_serve
from app.work import run_work
from bot.tokens import WeChatError
from config.clock import now
from config.refusals import Refusal
from config.settings import Settings
from handlers.chat.menu import menu as menu_of_the_chat


async def serve(settings: Settings, options: Namespace) -> int:
    """`zhiping serve`."""
    return await run_serve(settings)


async def work(settings: Settings, options: Namespace) -> int:
    """`zhiping work`."""
    return await run_work(settings)


async def migrate(settings: Settings, options: Namespace) -> int:
    """`zhiping migrate`: every command but serve and work does so first; this one does nothing else."""
    print("数据库结构已是最新。")
    return 0


async def roster_import(settings: Settings, options: Namespace) -> int:
    """`zhiping roster import`."""
    async with open_runtime(settings):
        return await roster_commands.run_import(options.file, options.as_json)


async def roster_codes(settings: Settings, options: Namespace) -> int:
    """`zhiping roster codes`."""
    async with open_runtime(settings):
        return await roster_commands.run_codes(settings, options.org, options.as_json, options.renew)


async def complaints(settings: Settings, options: Namespace) -> int:
    """`zhiping complaints`."""
    async with open_runtime(settings):
        return await complaint_commands.run_list(options.as_json)


async def meeting_import(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting import`."""
    async with open_runtime(settings):
        return await meeting_commands.run_import(options.file, now(), options.as_json)


async def meeting_list(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting list`."""
    async with open_runtime(settings):
        return await meeting_commands.run_list(options.as_json)


async def meeting_open(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting open`."""
    async with open_runtime(settings) as rt:
        return await meeting_commands.run_open(rt, options.id, now(), options.accept_small)


async def meeting_close(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting close`."""
    async with open_runtime(settings) as rt:
        return await meeting_commands.run_close(rt, options.id, now())


async def meeting_publish(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting publish`."""
    async with open_runtime(settings):
        return await meeting_commands.run_publish(options.id, now())


async def meeting_conclude(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting conclude`."""
    async with open_runtime(settings):
        return await meeting_commands.run_conclude(options.id, now())


async def meeting_comments(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting comments`."""
    async with open_runtime(settings):
        return await meeting_commands.run_comments(options.id, options.as_json)


async def meeting_digests(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting digests`."""
    async with open_runtime(settings):
        return await meeting_commands.run_digests(options.id, options.as_json)


async def meeting_result(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting result`."""
    async with open_runtime(settings):
        return await meeting_commands.run_result(options.id, options.as_json)


async def meeting_code(settings: Settings, options: Namespace) -> int:
    """`zhiping meeting code`."""
    async with open_runtime(settings) as rt:
        return await meeting_commands.run_code(rt, options.id, options.picture)


async def menu_push(settings: Settings, options: Namespace) -> int:
    """`zhiping menu push`."""
    async with open_runtime(settings) as rt:
        try:
            await rt.wechat.create_menu(menu_of_the_chat())
        except WeChatError as failure:
            raise Refusal("menu_refused", f"微信平台没有接受菜单（{failure}）。") from failure
    print("菜单已推送；手机上几分钟内更新。")
    return 0
