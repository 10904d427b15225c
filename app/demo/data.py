"""The demo organisation: a college with 26 branches, some 600 generated people and one meeting, as the files that people bring."""

import io
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import openpyxl

from config.clock import SHANGHAI

_SURNAMES = "赵钱孙李周吴郑王陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹柏水窦章云苏潘葛范彭鲁韦马苗凤花方俞任袁柳"
_GIVEN = (
    "安邦博文采芳晨曦春晓德昌冬梅恩泽飞扬刚毅国栋海燕浩然红霞慧敏佳宁建华江涛洁静娟丽"
    "林立志敏明远宁平青山荣森爽婷维新欣怡雪颖宇轩玉兰泽民振兴志强子涵"
)
_FACULTIES = ("机电工程", "信息工程", "经济管理", "医学护理", "建筑工程", "农业园林", "师范教育", "旅游艺术")
_OFFICES = ("组织部", "宣传部", "教务处", "学生处", "后勤处", "图书馆", "财务处")
_SEED = 20220118
# Who runs the year; at the end of the roster, so that everybody else keeps their number.
_STAFF = ("组织部", "组织部", "考核组", "考核组")


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person of the demo roster."""

    staff_no: str
    name: str
    org: str
    status: str
    posts: str


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo organisation; `orgs` are rows of the sheet 组织."""

    orgs: tuple[tuple[str, str, str, str], ...]
    people: tuple[DemoPerson, ...]

    def of(self, org: str) -> list[DemoPerson]:
        """The people of one organisation itself."""
        return [one for one in self.people if one.org == org]

    def secretaries(self) -> list[DemoPerson]:
        """The branch secretaries, in order."""
        return [one for one in self.people if one.posts == "书记" and one.org.startswith("demo-1")]


def make_demo() -> Demo:
    """The same organisation at every call."""
    dice = random.Random(_SEED)
    orgs = [("demo-0", "示范学院党委", "", "党委")]
    orgs += [(f"demo-0{number}", f"{name}学院党总支", "demo-0", "党总支") for number, name in enumerate(_FACULTIES, 1)]
    branches = [
        *(
            (f"{name}学院{kind}党支部", f"demo-0{n}")
            for n, name in enumerate(_FACULTIES, 1)
            for kind in ("教工", "学生")
        ),
        *((f"{name}党支部", "demo-0") for name in _OFFICES),
        *((f"离退休第{number}党支部", "demo-0") for number in "一二三"),
    ]
    orgs += [(f"demo-1{number:02d}", name, parent, "党支部") for number, (name, parent) in enumerate(branches, 1)]
    orgs += [("demo-2", "教职工代表", "demo-0", "部门"), ("demo-3", "党委组织部", "demo-0", "部门")]
    names = _names(dice)
    people = [
        _person(names, "demo-0", "正式党员", post) for post in ("书记、领导", "副书记、领导", *["委员、领导"] * 5)
    ]
    for code, name, _, _ in orgs:
        if code.startswith("demo-1"):
            people += _branch(dice, names, code, "离退休党员" if "离退休" in name else "正式党员")
    people += [_person(names, "demo-2", "群众", "") for _ in range(15)]
    people += [_person(names, "demo-3", "正式党员", post) for post in _STAFF]
    numbered = tuple(
        DemoPerson(f"demo-{number}", one.name, one.org, one.status, one.posts)
        for number, one in enumerate(people, 1001)
    )
    return Demo(tuple(orgs), numbered)


def _names(dice: random.Random) -> list[str]:
    names = {dice.choice(_SURNAMES) + "".join(dice.sample(_GIVEN, dice.choice((1, 2, 2)))) for _ in range(900)}
    # Sorted first: the order of a set differs from process to process.
    return sorted(sorted(names), key=lambda _: dice.random())


def _person(names: list[str], org: str, status: str, posts: str) -> DemoPerson:
    return DemoPerson("", names.pop(), org, status, posts)


def _branch(dice: random.Random, names: list[str], org: str, status: str) -> list[DemoPerson]:
    posts = ["书记", "副书记", "委员", "委员", *[""] * dice.randint(14, 22)]
    branch = [_person(names, org, status, post) for post in posts]
    if status == "正式党员":
        branch.append(_person(names, org, "预备党员", ""))
    return branch


def roster_workbook(demo: Demo) -> bytes:
    """The roster as the workbook of contract §5."""
    book = openpyxl.Workbook()
    orgs = book.active
    assert orgs is not None
    orgs.title = "组织"
    orgs.append(["组织编码", "组织名称", "上级编码", "组织类型"])
    for row in demo.orgs:
        orgs.append(list(row))
    people = book.create_sheet("人员")
    people.append(["工号", "姓名", "组织编码", "状态", "职务", "入党日期"])
    for one in demo.people:
        people.append([one.staff_no, one.name, one.org, one.status, one.posts, None])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def meeting_file(demo: Demo, now: datetime) -> bytes:
    """A report-and-review meeting: five secretaries report on site and three in writing; three classes vote; the host opens it."""
    leaders = [one.staff_no for one in demo.of("demo-0")]
    starts_at = now.astimezone(SHANGHAI).replace(microsecond=0)
    reporters = "\n".join(
        f'  - {{staff_no: "{one.staff_no}", mode: {"现场" if place < 5 else "书面"}}}'
        for place, one in enumerate(demo.secretaries()[:8])
    )
    quoted = ", ".join(f'"{number}"' for number in leaders)
    return f"""\
title: {starts_at.year}年度基层党建述职评议会
scheme: report-review
starts_at: {starts_at.isoformat()}
closes_at: {(starts_at + timedelta(days=30)).isoformat()}
publish: at_close
hosts: ["{leaders[1]}"]
leaders: ["{leaders[0]}", "{leaders[1]}"]
classes:
  领导班子: {{weight: "0.4", voters: [{quoted}]}}
  党员代表: {{weight: "0.4", orgs: ["demo-117"]}}
  群众代表: {{weight: "0.2", orgs: ["demo-2"]}}
reporters:
{reporters}
form: {{items: [总体评价], options: {{好: "95", 较好: "85", 一般: "70", 差: "50"}}, abstain: true}}
min_class: 5
""".encode()
