"""The stand-alone verifier agrees with the engine on every worked example, and with nothing that was tampered with."""

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scoring.envelope import digest, evaluate_sealed
from scoring.reading import read_yaml
from tests.unit.scoring.documents import branch, member, shipped

ROOT = Path(__file__).parents[3]
TOOL = ROOT / "tools/verify_score.py"
EXAMPLES = sorted((ROOT / "tests/schemes").glob("*.yaml"))


def load_tool() -> Any:
    namespace: dict[str, Any] = {"__name__": "verify_score"}
    exec(compile(TOOL.read_text(encoding="utf-8"), str(TOOL), "exec"), namespace)
    return namespace["disagreements"]


disagreements = load_tool()


def wrong(page: Any, seal: str = "") -> bool:
    """Whether the verifier objects, in words or by stumbling."""
    try:
        return not all(agrees for _, agrees in disagreements(page, seal))
    except Exception:
        return True


def scheme_text(slug: str) -> str:
    path = ROOT / "tests/schemes/more" / f"{slug}.yaml"
    return path.read_text(encoding="utf-8") if path.exists() else shipped(slug)[1].decode()


def pages() -> Iterator[Any]:
    for path in EXAMPLES:
        found = read_yaml(path.read_text(encoding="utf-8"))
        for n, one in enumerate(one for one in found["examples"] if "input" in one):
            yield pytest.param(found["scheme"], one["input"], id=f"{path.stem}-{n}")


@pytest.mark.parametrize(("slug", "given"), list(pages()))
def test_every_worked_example_is_confirmed(slug: str, given: dict[str, Any]) -> None:
    page = evaluate_sealed(scheme_text(slug), {"scheme": slug, **given})
    assert [what for what, agrees in disagreements(page, page["hashes"]["seal"]) if not agrees] == []


SMALL = evaluate_sealed(
    shipped("star-rating")[1].decode(),
    {
        "scheme": "star-rating",
        "cycle": "2020",
        "settings": {"points": {"好": "95", "差": "50"}},
        "subjects": [
            branch(
                scores={"team": "91", "superior": "90"}, ballots={"democratic": {"A票": {"总体": {"好": 3, "差": 1}}}}
            ),
            member("m1", "95"),
            member("m2", "65", history=[{"cycle": "2019", "score": "60", "band": "二星级"}]),
            member("m3", facts={"veto": [{"rule": "S2-28.5", "confirmed": True, "on": "2020-05-01"}]}),
            member("m4", scores={}),
        ],
    },
)


def leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(node, dict | list):
        for key in node if isinstance(node, dict) else range(len(node)):
            yield from leaves(node[key], (*path, key))
    else:
        yield path


def changed(page: Any, path: tuple[Any, ...]) -> Any:
    """The page with that leaf replaced by something else of its kind."""
    page = copy.deepcopy(page)
    node = page
    for key in path[:-1]:
        node = node[key]
    old = node[path[-1]]
    others = {bool: lambda: not old, int: lambda: old + 1, type(None): lambda: "x"}
    node[path[-1]] = others.get(type(old), lambda: old[:-1] + ("1" if old[-1:] != "1" else "2"))()
    return page


def resealed(page: Any) -> Any:
    hashes = {name: digest(page[name]) for name in ("scheme", "scheme_text", "document", "result")}
    return page | {"hashes": hashes | {"seal": digest(hashes)}}


def test_any_leaf_that_is_changed_is_noticed() -> None:
    assert not wrong(SMALL)
    paths = list(leaves(SMALL))
    assert len(paths) > 500
    assert [path for path in paths if not wrong(changed(SMALL, path))] == []


def test_whoever_also_renews_the_hashes_is_caught_by_the_published_seal() -> None:
    seal = SMALL["hashes"]["seal"]
    for path in leaves(SMALL):
        if path[0] not in ("hashes", "format"):
            assert wrong(resealed(changed(SMALL, path)), seal), path


@pytest.mark.parametrize(
    "path",
    [
        ("document", "subjects", 0, "scores", "team"),
        ("document", "subjects", 0, "ballots", "democratic", "A票", "总体", "好"),
        ("document", "subjects", 1, "scores", "committee"),
        ("document", "settings", "points", "差"),
        ("document", "cycle"),
        ("scheme", "tracks", 0, "total", "parts", 1, "weight"),
        ("scheme", "version"),
        ("scheme_text",),
        ("result", "sha256"),
        ("result", "subjects", 0, "exact"),
        ("result", "subjects", 0, "score"),
        ("result", "subjects", 0, "band"),
        ("result", "subjects", 3, "band"),
        ("result", "refusals", 0, "id"),
    ],
    ids=lambda path: ".".join(map(str, path)),
)
def test_figures_are_recomputed_even_where_every_hash_was_renewed(path: tuple[Any, ...]) -> None:
    assert wrong(resealed(changed(SMALL, path)))


def test_it_is_short_and_runs_alone(tmp_path: Path) -> None:
    assert len(TOOL.read_text(encoding="utf-8").splitlines()) < 80
    file = tmp_path / "result.json"
    file.write_text(json.dumps(SMALL), encoding="utf-8")
    command = [sys.executable, "-I", "-S", str(TOOL), str(file)]
    agreed = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (agreed.returncode, agreed.stdout) == (0, "everything agrees\n")
    refused = subprocess.run([*command, "0" * 64], check=False, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "seal" in refused.stderr
