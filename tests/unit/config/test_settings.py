"""Settings: every fault is listed at once, no value is ever repeated, secrets never show."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.refusals import BadInput
from config.settings import OFFICIAL_API, Settings, load_settings

KEY, OTHER = bytes(range(32)), b"o" * 32


def encoded(*keys: bytes) -> str:
    return ",".join(base64.b64encode(key).decode() for key in keys)


def complete(**changes: str) -> dict[str, str]:
    """A complete environment; an empty value leaves a variable out in effect."""
    values = {
        "DATABASE_URL": "postgresql://zp:db-password@db/zp",
        "REDIS_URL": "redis://:redis-password@cache",
        "WECHAT_APP_ID": "wx1234",
        "WECHAT_APP_SECRET": "app-secret",
        "WECHAT_TOKEN": "token-value",
        "WECHAT_AES_KEY": "a" * 43,
        "BALLOT_KEY": encoded(KEY),
        "SESSION_KEY": encoded(KEY, OTHER),
        "PATH": "/bin",
    }
    return {**values, **changes}


def faults_of(environment: dict[str, str]) -> list[str]:
    with pytest.raises(BadInput) as caught:
        load_settings(environment)
    return caught.value.faults


def test_what_is_unset_has_the_documented_defaults() -> None:
    settings = load_settings(complete())
    assert (settings.host, settings.port, settings.sandbox_port) == ("127.0.0.1", 8080, 8090)
    assert str(settings.data_dir) == ".data"
    assert settings.wechat_api_base == OFFICIAL_API
    assert settings.ballot_key == (KEY,)
    assert settings.session_key == (KEY, OTHER)


@pytest.mark.parametrize(
    ("mode", "aes_key", "expected"),
    [
        ("", "a" * 43, "safe"),
        ("", "", "plain"),
        ("compatible", "a" * 43, "compatible"),
        ("plain", "a" * 43, "plain"),
        ("plain", "", "plain"),
    ],
)
def test_safe_is_the_mode_wherever_there_is_an_aes_key(mode: str, aes_key: str, expected: str) -> None:
    assert load_settings(complete(WECHAT_MODE=mode, WECHAT_AES_KEY=aes_key)).mode == expected


@pytest.mark.parametrize("mode", ["safe", "compatible"])
def test_encrypted_modes_need_an_aes_key(mode: str) -> None:
    (fault,) = faults_of(complete(WECHAT_MODE=mode, WECHAT_AES_KEY=""))
    assert "WECHAT_AES_KEY" in fault


def test_everything_missing_or_empty_is_listed_at_once() -> None:
    required = (
        "DATABASE_URL",
        "REDIS_URL",
        "WECHAT_APP_ID",
        "WECHAT_APP_SECRET",
        "WECHAT_TOKEN",
        "BALLOT_KEY",
        "SESSION_KEY",
    )
    for environment in ({}, dict.fromkeys(required, "")):
        faults = faults_of(environment)
        assert sorted(fault.split("：")[0] for fault in faults) == sorted(required)
        assert all("没有设置或为空" in fault for fault in faults)


def test_misspelt_names_are_listed_beside_the_other_faults() -> None:
    environment = complete(WECHAT_TOKN="secret-1", BALLOT_KEYS="secret-2", PORT="eighty", WECHAT_TOKEN="")
    faults = faults_of(environment)
    assert [fault.split("：")[0] for fault in faults] == ["BALLOT_KEYS", "WECHAT_TOKN", "PORT", "WECHAT_TOKEN"]
    assert not any(secret in "".join(faults) for secret in ("secret-1", "secret-2", "eighty"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://u:hunter2@db/x"),
        ("REDIS_URL", "http://:hunter2@cache"),
        ("PORT", "70000hunter2"),
        ("METRICS_PORT", "-1"),
        ("WECHAT_AES_KEY", "hunter2"),
        ("WECHAT_AES_KEY", "钥" * 43),
        ("WECHAT_TOKEN", "hu"),
        ("WECHAT_MODE", "hunter2"),
        ("BALLOT_KEY", "hunter2!"),
        ("BALLOT_KEY", encoded(b"hunter2")),
        ("SESSION_KEY", encoded(KEY) + ",hunter2="),
        ("LOG_LEVEL", "hunter2"),
    ],
)
def test_a_fault_names_the_variable_and_never_its_value(name: str, value: str) -> None:
    (fault,) = faults_of(complete(**{name: value}))
    assert name in fault
    assert value not in fault
    assert "hunter2" not in fault


def test_secrets_never_show() -> None:
    shown = repr(load_settings(complete())) + str(load_settings(complete()))
    for secret in (
        "db-password",
        "redis-password",
        "app-secret",
        "token-value",
        "a" * 43,
        repr(KEY)[2:-1],
        encoded(KEY),
    ):
        assert secret not in shown


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings(complete()).port = 1


@given(st.dictionaries(st.sampled_from([name.upper() for name in Settings.model_fields]), st.text(max_size=60)))
def test_whatever_is_set_it_is_settings_or_a_list_of_sentences(changes: dict[str, str]) -> None:
    faults = []
    try:
        load_settings(complete(**changes))
    except BadInput as bad:
        faults = bad.faults
    assert all(any(fault.startswith(name) for name in complete() | changes) for fault in faults)
