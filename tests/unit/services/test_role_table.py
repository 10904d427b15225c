"""Who may see and do what: every role with every act, on four things, against one literal table."""

from types import SimpleNamespace

import pytest

from services.audit import COMMAND
from services.cycles.inputs import by_posts
from services.entitlements import ENTITLED, Actor, Place, Scope, posts_for
from services.trees import Tree

# A college (1) with its office department (2); a general branch (10) with two branches (11, 12); a branch of its own (20).
ORGANISATIONS = (
    (1, "党委", None),
    (2, "部门", 1),
    (10, "党总支", 1),
    (11, "党支部", 10),
    (12, "党支部", 10),
    (20, "党支部", 1),
)
TREE = Tree(
    SimpleNamespace(id=number, code=str(number), name=str(number), kind=kind, parent_id=parent)  # type: ignore[misc]  # no row
    for number, kind, parent in ORGANISATIONS
)
ME, COLLEAGUE = 7, 99
THINGS = {"o": Place(11), "p": Place(12), "m": Place(11, COLLEAGUE), "s": Place(11, ME)}

# o: the first branch (11) itself; p: its neighbour (12); m: a member of the first branch; s: the person themselves.
ROLES = (("书记", 11), ("委员", 11), ("党员", 11), ("书记", 10), ("考核组", 20), ("领导", 1), ("组织部", 2), (None, 11))
TABLE = """
answer                  -      -      -      -      -      -      opm    -
apply                   oms    oms    s      s      s      s      opms   s
assign                  -      -      -      -      -      -      opm    -
ballots.                -      -      -      -      -      -      opm    -
claim                   oms    oms    s      s      opms   s      opms   s
comment                 -      -      -      -      -      opm    -      -
confirm                 -      -      -      -      -      opm    opm    -
duty.do                 om     om     -      -      -      opm    opm    -
exempt                  -      -      -      -      -      -      opm    -
facts.                  -      -      -      -      -      -      opm    -
facts.decided_grade     -      -      -      -      -      opm    opm    -
filing.receive          -      -      -      -      -      -      opm    -
follow_up               -      -      -      -      -      opm    opm    -
history.                -      -      -      -      -      -      opm    -
indicators.             -      -      -      -      opm    -      opm    -
object                  opms   opms   opms   opms   opms   opms   opms   opms
opinion.decide          -      -      -      -      -      opm    -      -
opinion.write           -      -      -      -      -      -      opm    -
paper.                  -      -      -      -      -      -      opm    -
paper.branch_register   om     om     -      -      -      -      opm    -
paper.cross_report      -      -      -      -      opm    -      opm    -
paper.duty_list         om     om     -      -      -      -      opm    -
paper.member_register   oms    oms    s      s      s      s      opms   s
paper.member_summary    om     om     -      -      -      -      opm    -
paper.problem_list      om     om     -      -      -      -      opm    -
paper.self_report       om     om     -      -      -      -      opm    -
paper.step_summary      om     om     -      -      -      -      opm    -
publish                 -      -      -      -      -      opm    opm    -
read_all                -      -      -      -      -      opm    opm    -
record.keep             om     om     -      -      -      -      -      -
record.read             om     om     -      opm    opm    opm    opm    -
record.read_confidential  om   -      -      opm    -      -      -      -
record.review           -      -      -      opm    opm    -      opm    -
rectification.open      om     om     -      opm    opm    opm    opm    -
rectification.verify    -      -      -      opm    opm    -      opm    -
rectification.work_off  oms    oms    s      s      s      s      s      s
report.pass             -      -      -      -      -      opm    -      -
report.pre_review       -      -      -      -      -      -      opm    -
report.read             -      -      -      -      -      opm    opm    -
report.write            oms    s      s      s      s      s      s      s
scores.                 -      -      -      -      -      -      opm    -
scores.committee        om     om     -      -      -      -      opm    -
scores.inspection       -      -      -      -      opm    -      opm    -
scores.leader_comment   -      -      -      -      -      opm    opm    -
scores.party_work       -      -      -      -      opm    -      opm    -
scores.routine          -      -      -      -      opm    -      opm    -
scores.superior         -      -      -      opm    -      -      opm    -
scores.team             -      -      -      -      opm    -      opm    -
self_rate               oms    s      s      s      s      s      s      s
set_up                  -      -      -      -      -      -      opm    -
"""
ROWS = {act: cells for act, *cells in map(str.split, TABLE.strip().splitlines())}


def me(post: str | None, at: int) -> Actor:
    return Actor("1001", ME, ((post, at),) if post else (), at)


@pytest.mark.parametrize("act", ROWS)
def test_every_role_may_do_just_what_the_table_says(act: str) -> None:
    scope = Scope(TREE, 1)
    found = ["".join(mark for mark, thing in THINGS.items() if scope.may(me(*role), act, thing)) for role in ROLES]
    assert [cell or "-" for cell in found] == ROWS[act]


def test_the_table_names_every_act() -> None:
    assert set(ROWS) == {line.act for line in ENTITLED}


def test_nobody_outside_the_cycle_may_do_anything_in_it() -> None:
    scope = Scope(TREE, 20)
    allowed = {act for act in ROWS for role in ROLES[:4] if scope.may(me(*role), act, Place(20))}
    assert allowed == set()


def test_a_command_without_a_name_does_nothing_that_is_answered_for_by_name() -> None:
    scope, command = Scope(TREE, 1), Actor(COMMAND, None, ())
    refused = {act for act in (*ROWS, "facts.decided_grade") if not scope.may(command, act, Place(11))}
    assert refused == {
        *("comment", "confirm", "exempt", "facts.decided_grade", "object", "opinion.decide", "publish"),
        *(
            "record.read_confidential",
            "rectification.verify",
            "report.pass",
            "report.read",
            "report.write",
            "self_rate",
        ),
    }


def test_what_people_may_do_about_themselves_alone_needs_no_post() -> None:
    assert posts_for("self_rate") == "书记、副书记"


def test_whoever_heads_a_branch_does_not_judge_it_in_another_post() -> None:
    scope = Scope(TREE, 1)
    both = Actor("1001", ME, (("书记", 11), ("考核组", 1), ("领导", 1), ("组织部", 2)), 11)
    judged = {act for act in (*ROWS, "scores.team") if not scope.may(both, act, Place(11))}
    assert {act for act in judged if scope.may(both, act, Place(12))} == {
        *("confirm", "exempt", "filing.receive", "record.review", "report.pass", "report.pre_review"),
    }
    team = Actor("1001", ME, (("副书记", 11), ("考核组", 1)), 11)
    assert not any(scope.may(team, act, Place(11)) for act in ("scores.team", "indicators.common.1"))
    assert all(scope.may(team, act, Place(12)) for act in ("scores.team", "indicators.common.1"))
    assert scope.may(team, "scores.committee", Place(11, COLLEAGUE))


def test_whoever_may_not_put_in_their_own_learns_who_may() -> None:
    me = Actor("me", ME, (("考核组", 1),), 11)
    own = SimpleNamespace(organisation_id=11, person_id=ME)
    said = by_posts(Scope(TREE, 1))(me, "scores.team", own)  # type: ignore[arg-type]  # no row
    assert said.endswith("请由别的同志录入，可以录入的职务：考核组、组织部")
