"""What the company owes every year, each told in one sentence (S0-41 to S0-44), and how much of it is done."""

from collections import Counter

from tests.e2e.year import company
from tests.e2e.year.driver import Year

_CONTACT, _STUDY, _SIEVE = "基层党支部工作联系点", "研究党支部建设", "过筛子"
_OF_LEADER = {"讲党课": 1, "联系点": 1, "后进党支部": 1, "深入联系点": 2, "解决突出问题": 1}
_OF_COMPANY = {"专题研究": 1, "分析研判": 1, "集中轮训": 1}
_SIFTED = ("第一厂机关党支部", "第二厂机关党支部")


async def do_duties(year: Year, cycle: int) -> None:
    """March 2021: the leader and the office; what is done and what is lacking equals what they did."""
    year.at("2021-03-10 10:00")
    leader, office = company.LEADER, company.OFFICER
    done: Counter[str] = Counter()
    for by, title, what, *texts in (
        (leader, _CONTACT, "联系点", "到第三厂机关党支部，确定为联系点"),
        (leader, _CONTACT, "后进党支部", "确定了帮扶对象", "第四厂机关党支部"),
        (leader, _CONTACT, "深入联系点", "昨天到联系点调研"),
        (leader, _CONTACT, "深入联系点", "今天到联系点听意见"),
        (office, _STUDY, "专题研究", "昨天党委会专题研究党支部建设"),
        (office, "", _SIEVE, _SIFTED[0], "全部先进"),
        (office, "", _SIEVE, _SIFTED[1], "全部先进"),
    ):
        of = (_OF_LEADER | _OF_COMPANY | {_SIEVE: company.WITH_BRANCH})[what]
        task = f"{f'{title} · ' if title else ''}{what}（{done[what]}/{of}）"
        said = await year.say(by, "履职", task, *texts, "确认")
        assert "已记下" in said, said
        done[what] += 1
    rows = await year.json("duty", "list", cycle)
    wanted = {(year.roster[leader].name, what): of for what, of in _OF_LEADER.items()}
    wanted |= {("集团党委", what): of for what, of in _OF_COMPANY.items()} | {("集团党委", _SIEVE): company.WITH_BRANCH}
    assert {(row["who"], row["what"]): (row["done"], row["wanted"]) for row in rows} == {
        (who, what): (done[what], of) for (who, what), of in wanted.items()
    }
