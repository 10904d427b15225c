"""The menu at the bottom of the chat; its keys are words of the chat. `zhiping menu push` sends it to the platform."""

from typing import Any

_MENU = {
    "投票签到": ("投票", "签到"),
    "我的": ("任务", "结果", "公示", "异议", "绑定"),
    "更多": ("主题党日", "主持", "简报", "投诉建议", "帮助"),
}


def menu() -> dict[str, Any]:
    """The menu as the platform's menu/create wants it."""
    return {
        "button": [
            {"name": name, "sub_button": [{"type": "click", "name": word, "key": word} for word in words]}
            for name, words in _MENU.items()
        ]
    }
