"""What the simulated platform is told: the account, the callback, and everything the contract page marks as uncertain."""

import os
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Mode = Literal["safe", "compatible", "plain"]
SECRETS = frozenset({"app_secret", "token", "aes_key", "mp_app_secret"})


class Settings(BaseModel):
    """Seconds are real time for `deadline`, `retry_pause`, `job_finish_delay`, `reorder_hold`; else the virtual clock's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = 8090
    callback_url: str = "http://127.0.0.1:8080/wechat"
    app_id: str = "wx0123456789abcdef"
    app_secret: str = "sandbox-secret"  # noqa: S105 - a made-up account
    token: str = "simtoken"  # noqa: S105 - of the contract's test vector
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    mode: Mode = "safe"
    mp_app_id: str = "wxfedcba9876543210"
    mp_app_secret: str = "sandbox-mp-secret"  # noqa: S105 - a made-up account
    original_id: str = "gh_0123456789ab"
    account_name: str = "支评"

    # Callback driver.
    deadline: float = Field(5.0, gt=0)
    deliveries: int = Field(3, ge=1, le=4)
    retry_pause: float = Field(1.0, ge=0)
    retry_bad_answers: bool = False
    reorder_hold: float = Field(0.5, ge=0)
    text_limit: int = 2048
    over_limit: Literal["fail", "cut"] = "fail"
    compatible_plain_reply: bool = True
    openid_in_query: bool = True
    # "real" signs with the real time although the clock was moved, for a back end that checks skew by its own clock.
    signing_clock: Literal["virtual", "real"] = "virtual"
    recognition: bool = False

    # API host.
    token_ttl: int = 7200
    token_overlap: int = 300
    stable_renew: int = 300
    force_refresh_gap: int = 30
    force_refresh_daily: int = 20
    ip_whitelist: tuple[str, ...] = ()
    quotas: dict[str, int] = Field(default_factory=dict)
    minute_quotas: dict[str, int] = Field(default_factory=dict)
    unicode_escapes: Literal["refuse", "accept"] = "refuse"
    unfollowed_errcode: int = 45015
    media_ttl: int = 3 * 86400
    image_limit: int = 2 * 1024 * 1024
    qr_default_expiry: int = 60
    code_ttl: int = 300
    oauth_domain: str = ""
    job_finish_delay: float = Field(0.05, ge=0)
    user_block_status: str = "failed:user block"

    def patched(self, changes: Mapping[str, Any]) -> "Settings":
        """Settings with `changes`; raises pydantic's ValidationError for unknown names or impossible values."""
        return Settings.model_validate({**self.model_dump(), **changes})

    def public(self) -> dict[str, Any]:
        """JSON of everything that is not a secret."""
        return self.model_dump(mode="json", exclude=set(SECRETS))


ENVIRONMENT = {
    "SANDBOX_HOST": "host",
    "SANDBOX_PORT": "port",
    "SANDBOX_CALLBACK_URL": "callback_url",
    "WECHAT_APP_ID": "app_id",
    "WECHAT_APP_SECRET": "app_secret",
    "WECHAT_TOKEN": "token",
    "WECHAT_AES_KEY": "aes_key",
    "WECHAT_MODE": "mode",
    "MP_APP_ID": "mp_app_id",
    "MP_APP_SECRET": "mp_app_secret",
}


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the process environment; raises ValidationError."""
    return Settings.model_validate({name: environ[key] for key, name in ENVIRONMENT.items() if environ.get(key)})
