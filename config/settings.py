"""All settings of the product, from environment variables, checked at start. Names: contract §2."""

import base64
import binascii
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from config.refusals import BadInput

OFFICIAL_API = "https://api.weixin.qq.com"
OFFICIAL_OPEN = "https://open.weixin.qq.com"
_TEMPLATE_FIELD = re.compile(r"thing[0-9]{1,2}=(会议|事项)|(time|date)[0-9]{1,2}=时间")
_HOURS = re.compile(r"([01]?[0-9]|2[0-3])-([01]?[0-9]|2[0-3])")
_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")


def _keys(text: object) -> object:
    """Comma-separated base64 keys of 32 bytes -> tuple of bytes; the first one is used for new things."""
    if not isinstance(text, str):
        return text
    try:
        keys = tuple(base64.b64decode(part.strip(), validate=True) for part in text.split(","))
    except binascii.Error as error:
        raise ValueError("不是 base64") from error
    if any(len(key) != 32 for key in keys):
        raise ValueError("每个密钥须为 32 字节（base64 编码后 44 个字符），多个以逗号分隔")
    return keys


def _address(*schemes: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(f"应以 {schemes[0]}:// 开头")
        return value

    return AfterValidator(check)


def _template(text: str) -> str:
    """`<template id> <typed key>=<会议|事项|时间>…`; times go into time or date keys and nothing else does."""
    first, *fields = text.split() or [""]
    if first and not (fields and all(_TEMPLATE_FIELD.fullmatch(field) for field in fields)):
        raise ValueError(
            "应为：模板ID thing1=会议 thing2=事项 time3=时间（thing 填 会议 或 事项，time 和 date 填 时间）"
        )
    return text


def _hours(text: str) -> str:
    """`21-8`: from 21:00 to 8:00."""
    found = _HOURS.fullmatch(text)
    if found is None or int(found[1]) == int(found[2]):
        raise ValueError("应为 开始-结束 两个不同的整点，如 21-8")
    return text


def _days(text: str) -> str:
    """`7,3,1`: so many days before."""
    if not re.fullmatch(r"[0-9]{1,2}(,[0-9]{1,2})*", text):
        raise ValueError("应为逗号分隔的天数，如 7,3,1")
    return text


DatabaseUrl = Annotated[SecretStr, _address("postgresql", "postgres")]
RedisUrl = Annotated[SecretStr, _address("redis", "rediss", "unix")]
Keys = Annotated[tuple[bytes, ...], BeforeValidator(_keys), Field(repr=False)]


class Settings(BaseModel):
    """Frozen values of one process. Secrets never appear in `repr`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    database_url: DatabaseUrl = Field(description="PostgreSQL 地址；不设则用内置数据库（仅演示和测试）")
    redis_url: RedisUrl = Field(description="Redis 地址；不设则用内置 Redis（仅演示和测试）")
    data_dir: Path = Field(Path(".data"), description="本机数据目录：照片等媒体文件，以及演示用的内置数据库")
    host: str = Field("127.0.0.1", description="网页服务监听的地址")
    port: int = Field(8080, ge=0, le=65535, description="网页服务监听的端口")
    metrics_port: int = Field(8081, ge=0, le=65535, description="网页进程 /metrics 的内部端口；0 为不开")
    work_metrics_port: int = Field(0, ge=0, le=65535, description="后台进程 /metrics 的内部端口，同上；默认不开")
    metrics_host: str = Field(
        "127.0.0.1", description="/metrics 监听的地址；换成别的地址时，要由防火墙或容器网络挡住外人"
    )
    sandbox_port: int = Field(8090, ge=0, le=65535, description="微信平台模拟器的端口（仅 zhiping demo）")
    public_url: str = Field("", description="公众能访问的网址前缀，如 https://zp.example.org")
    wechat_app_id: str = Field(min_length=1, description="公众号 AppID")
    wechat_app_secret: SecretStr = Field(min_length=1, description="公众号 AppSecret")
    wechat_token: SecretStr = Field(min_length=3, description="公众号后台「服务器配置」里的 Token")
    wechat_aes_key: SecretStr = Field(SecretStr(""), description="公众号后台的 EncodingAESKey,43 个字符")
    wechat_mode: Literal["safe", "compatible", "plain"] | None = Field(
        None, description="消息加解密方式 safe / compatible / plain；有 EncodingAESKey 时默认 safe"
    )
    wechat_api_base: str = Field(OFFICIAL_API, description="微信接口地址；演示时为模拟器")
    wechat_open_base: str = Field(OFFICIAL_OPEN, description="微信网页授权地址；演示时为模拟器")
    wechat_template_brief: Annotated[str, AfterValidator(_template)] = Field(
        "",
        description="领导小结的模板消息：模板 ID，再写各字段填什么（会议、事项、时间），"
        "如 ID thing1=会议 thing2=事项 time3=时间；不设则不用模板消息",
    )
    wechat_template_digest: Annotated[str, AfterValidator(_template)] = Field(
        "",
        description="每日提醒的模板消息：模板 ID，再写各字段填什么（事项、时间），如 ID thing1=事项 time2=时间；不设则不用模板消息",
    )
    wechat_subscription_digest: Annotated[str, AfterValidator(_template)] = Field(
        "", description="每日提醒的订阅通知（本人同意一次发一条）：写法同上；不设则不用"
    )
    reminder_hour: int = Field(9, ge=0, le=23, description="工作日几点发每日提醒（北京时间）")
    last_call_hour: int = Field(16, ge=0, le=23, description="工作日几点对当天截止的事再提醒一次")
    reminder_days: Annotated[str, AfterValidator(_days)] = Field(
        "7,3,1", description="截止前几天提醒，逗号分隔；当天总会提醒，休息日的提前到上一个工作日"
    )
    quiet_hours: Annotated[str, AfterValidator(_hours)] = Field(
        "21-8", description="几点到几点不推送提醒（北京时间），如 21-8"
    )
    pushes_per_second: int = Field(50, ge=1, le=500, description="每秒最多推送几条")
    templates_per_day: int = Field(100_000, ge=0, description="模板消息每天的额度，以公众平台后台显示的为准")
    burden_pushes: int = Field(20, ge=1, description="负担上限：一个组织每月平均每人收到几条推送")
    burden_questions: int = Field(100, ge=1, description="负担上限：一个组织每月平均每人回答几个问题")
    burden_minutes: int = Field(60, ge=1, description="负担上限：一个组织每月平均每人花几分钟")
    mp_app_id: str = Field("", description="小程序 AppID")
    mp_app_secret: SecretStr = Field(SecretStr(""), description="小程序 AppSecret")
    ballot_key: Keys = Field(description="选票封存密钥：base64 的 32 字节，多个以逗号分隔，第一个用于新选票")
    session_key: Keys = Field(description="会话与绑定码密钥：格式同上")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="日志级别")

    @model_validator(mode="after")
    def _modes_fit(self) -> "Settings":
        aes_key = self.wechat_aes_key.get_secret_value()
        if aes_key and not _AES_KEY.fullmatch(aes_key):
            raise ValueError("WECHAT_AES_KEY 须为 43 个字母和数字")
        if self.mode != "plain" and not aes_key:
            raise ValueError(f"WECHAT_MODE={self.mode} 需要 WECHAT_AES_KEY")
        return self

    @model_validator(mode="after")
    def _hours_fit(self) -> "Settings":
        if self.last_call_hour <= self.reminder_hour:
            raise ValueError("LAST_CALL_HOUR 须晚于 REMINDER_HOUR")
        if self.quiet & {self.reminder_hour, self.last_call_hour}:
            raise ValueError("REMINDER_HOUR 和 LAST_CALL_HOUR 不能落在 QUIET_HOURS 里")
        return self

    @property
    def quiet(self) -> frozenset[int]:
        """The hours of the day (Shanghai) in which nobody is reminded."""
        begins, ends = map(int, self.quiet_hours.split("-"))
        return frozenset(hour % 24 for hour in range(begins, ends if begins < ends else ends + 24))

    @property
    def mode(self) -> Literal["safe", "compatible", "plain"]:
        """How callbacks are encrypted: as set, else safe where there is an AES key, else plain."""
        return self.wechat_mode or ("safe" if self.wechat_aes_key.get_secret_value() else "plain")

    @property
    def site(self) -> str:
        """Where people's browsers find us, without a slash at its end."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from environment variables. Raises `BadInput` with everything that is missing, empty, wrong or unknown."""
    known = {name.upper(): name for name in Settings.model_fields}
    unknown = [
        name
        for name in environment
        if name.startswith(("WECHAT_", "MP_APP_", "BALLOT_", "SESSION_K")) and name not in known
    ]
    faults = [f"{name}：不认识的设置，请检查拼写" for name in sorted(unknown)]
    given = {field: environment[name] for name, field in known.items() if environment.get(name, "") != ""}
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        raise BadInput(faults + [_fault(dict(one)) for one in error.errors()]) from None
    if faults:
        raise BadInput(faults)
    return settings


def _fault(error: dict[str, object]) -> str:
    """One pydantic error as a Chinese sentence that names the variable and never repeats its value."""
    place = error["loc"]
    name = str(place[0]).upper() if isinstance(place, tuple) and place else ""
    if error["type"] == "missing":
        return f"{name}：没有设置或为空（{Settings.model_fields[name.lower()].description}）"
    if error["type"] == "value_error":
        text = str(error["msg"]).removeprefix("Value error, ")
        return f"{name}：{text}" if name else text
    return f"{name}：值不能用（{Settings.model_fields[name.lower()].description}）"
