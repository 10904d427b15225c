"""The kinds of records are data, read strictly: what is wrong in the file is found when it is read."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from config import record_kinds
from config.record_kinds import RecordKind

FACTS = (Path(__file__).parents[3] / "docs" / "seed-facts.md").read_text("utf-8")
KINDS = record_kinds.record_kinds()
RAW = yaml.safe_load(Path(record_kinds.__file__).with_name("record_kinds.yaml").read_text("utf-8"))["kinds"]


def test_words_keys_and_labels_are_unique() -> None:
    words = [word for kind in KINDS.values() for word in kind.words]
    assert len(words) == len(set(words))
    assert len(KINDS) == len(RAW)
    for kind in KINDS.values():
        keys = [check.key for check in kind.checks]
        assert len(keys) == len(set(keys))
        assert bool(kind.checks) == bool(kind.asked)


@pytest.mark.parametrize("key", KINDS)
def test_every_kind_names_the_fact_that_asks_for_it(key: str) -> None:
    facts = re.findall(r"S[0-4]-\d+[a-z]?", KINDS[key].source.fact)
    assert facts
    assert [fact for fact in facts if f"{fact} " not in FACTS] == []


def test_the_four_meetings_of_the_branch_can_be_recorded() -> None:
    found = {kind.title for kind in KINDS.values() if kind.group == "三会一课"}
    assert found == {"支部党员大会", "支部委员会", "党小组会", "党课"}


def test_only_the_reminder_talk_is_confidential() -> None:
    assert [kind.key for kind in KINDS.values() if kind.confidential] == ["reminder_talk"]


@pytest.mark.parametrize(
    "wrong", [{"attend": "everybody"}, {"colour": "red"}, {"checks": [{"key": "a"}]}, {"words": "主题"}]
)
def test_what_is_wrong_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RecordKind.model_validate(RAW[0] | wrong)
