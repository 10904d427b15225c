"""Writes the files that are made from the product itself: docs/chat.md and deploy/env.example. `make docs` runs it.

tests/integration/test_generated.py fails where what is committed is not what this would write.
"""

import asyncio
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from app.embedded import Servers
from app.environment import DataDir
from app.resources import open_runtime
from config.settings import Settings, load_settings
from docs.chat_stories import tell_all
from docs.chat_words import word_tables
from models.database import migrate_schema
from services.runtime import Runtime

_ROOT = Path(__file__).parent.parent
CHAT, ENVIRONMENT = _ROOT / "docs" / "chat.md", _ROOT / "deploy" / "env.example"
# Binding codes and reference numbers come from it: a fixed one gives the same manual each time.
_KEY = (b"a key for the manual and no other",)
_HEAD = """<!-- Made by docs/generate.py (make docs). Do not edit. -->
# 聊天手册

下面的对话都是真实产生的：文档生成时在一个临时数据库上逐句走过，时间固定在 2022 年 1 月 18 日上午，人名是编的。

「」里是可以点的选项，点了等于发出那个词。每一题下面都有「上一步」「取消」「帮助」，这里不再写出；前面出现过的长段只写开头。"""
_ENVIRONMENT_HEAD = """# 支评的全部设置。由 docs/generate.py(make docs)生成,请勿手改。
# 用法:复制为自己的文件,填好必填的,再载入环境变量。空值等于没有设置。
# 密钥这样生成:python3 -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())'
"""


async def chat_manual(rt: Runtime) -> str:
    """docs/chat.md, from a fresh database and an empty Redis."""
    settings = rt.settings.model_copy(update={"session_key": _KEY})
    talk = await tell_all(replace(rt, settings=settings))
    blocks = [_HEAD, *word_tables(talk), *talk.page]
    return "\n\n".join(blocks) + "\n"


def environment_example() -> str:
    """deploy/env.example: every setting with its default and meaning."""
    return _ENVIRONMENT_HEAD + "".join(_setting(name.upper(), field) for name, field in Settings.model_fields.items())


def _setting(name: str, field: FieldInfo) -> str:
    if field.is_required():
        return f"\n# 必填。{field.description}\n{name}=\n"
    default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    return f"\n# {field.description}\n# {name}={'' if default is None else default}\n"


async def _chat_manual_alone() -> str:
    """The manual on servers of its own."""
    directory = Path(tempfile.mkdtemp(prefix="zhiping-docs-"))
    try:
        with Servers(directory) as servers:
            urls = {"DATABASE_URL": servers.postgres.url, "REDIS_URL": servers.redis.url, "DATA_DIR": str(directory)}
            await migrate_schema(servers.postgres.url)
            async with open_runtime(load_settings({**DataDir(directory).made_values(), **urls})) as rt:
                return await chat_manual(rt)
    finally:
        shutil.rmtree(directory)


def main() -> None:
    """Write both files."""
    ENVIRONMENT.write_text(environment_example())
    CHAT.write_text(asyncio.run(_chat_manual_alone()))


if __name__ == "__main__":
    main()
