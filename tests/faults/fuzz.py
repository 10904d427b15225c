"""Fuzzed callbacks: Hypothesis' inventions and mutations of recorded traffic, signed and encrypted rightly, wrongly, not at all."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from sandbox import crypto, xmlform
from sandbox.settings import Settings

Fields = dict[str, Any]
ODD = (
    *("", " ", "0", "-1", "1e9", "9" * 40, "\u0000", "\ud800", "😀" * 50, "</xml>", "]]>", "<!DOCTYPE a>", "&amp;&#0;"),
    *("%s%n", "'; DROP TABLE polls; --", "../../etc/passwd", "{{7*7}}", "a" * 5000, "۱۲۳", "NaN", "null", "qrscene_"),
    *(
        "投票",
        "确认",
        "取消",
        "继续",
        "上一步",
        "绑定",
        "主持",
        "结束投票1",
        "投诉建议",
        "w.投票",
        "f.a.b.c.d",
        "m.",
        "m.nobody",
    ),
)


@dataclass(frozen=True)
class Case:
    """One request. `trusted`: signature and time are right, so it may be answered 200; else it must be refused."""

    method: str
    query: dict[str, str]
    body: bytes
    trusted: bool


@dataclass(frozen=True)
class Forge:
    """Makes requests as a platform with these secrets would, at this time."""

    account: Settings
    now: int

    def sealed(self, inside: bytes) -> Case:
        """Anything, rightly encrypted and signed."""
        return self.signed(crypto.encrypt(self.account.aes_key, self.account.app_id, inside))

    def signed(self, encrypted: str) -> Case:
        """Any ciphertext, rightly signed."""
        stamp, nonce = str(self.now), "n"
        query = {"timestamp": stamp, "nonce": nonce, "signature": crypto.sign(self.account.token, stamp, nonce)}
        query["msg_signature"] = crypto.sign(self.account.token, stamp, nonce, encrypted)
        body = f"<xml><ToUserName>gh</ToUserName><Encrypt>{encrypted}</Encrypt></xml>"
        return Case("POST", query, body.encode(), trusted=True)


def _texts() -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(ODD), st.text(max_size=60))


def invented() -> st.SearchStrategy[tuple[str, Any]]:
    """What Hypothesis makes up: `inside` (to be sealed), `fields` (to be written as a message), `ciphertext`, `body`."""
    names = st.sampled_from(
        ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "Event", "EventKey", "MsgId", "bizmsgmenuid"]
    )
    kinds = st.sampled_from(["text", "event", "image", "voice", "video", "location", "link", "shortvideo", "x"])
    fields = st.dictionaries(names, _texts(), max_size=9)
    message = st.fixed_dictionaries({"MsgType": kinds}, optional={"Event": _texts(), "Content": _texts()})
    return st.one_of(
        st.tuples(st.just("inside"), st.binary(max_size=400)),
        st.tuples(
            st.just("inside"), st.text(max_size=200).map(lambda text: f"<xml>{text}</xml>".encode("utf-8", "replace"))
        ),
        st.tuples(st.just("fields"), st.builds(lambda a, b: {**a, **b}, fields, message)),
        st.tuples(st.just("ciphertext"), st.text(max_size=100)),
        st.tuples(st.just("body"), st.binary(max_size=400)),
    )


def invent(count: int, start: int) -> list[tuple[str, Any]]:
    """`count` of them or a few more, the same for the same start."""
    drawn: list[tuple[str, Any]] = []

    @seed(start)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(invented())
    def draw(one: tuple[str, Any]) -> None:
        drawn.append(one)

    draw()
    return drawn


def cases(forge: Forge, recorded: list[Fields], count: int, start: int) -> Iterator[Case]:
    """`count` requests, a quarter invented and the others mutated from what the platform really sent."""
    dice = random.Random(start)
    inventions = iter(invent(count // 4, start))
    for number in range(count):
        made = next(inventions, None) if number % 4 == 0 else None
        yield _invented(forge, dice, *made) if made else _mutated(forge, dice, dict(dice.choice(recorded)))


def _invented(forge: Forge, dice: random.Random, kind: str, value: Any) -> Case:
    if kind == "inside":
        return forge.sealed(value)
    if kind == "fields":
        return forge.sealed(_written({**value, "FromUserName": _stranger(dice)}))
    if kind == "ciphertext":
        return forge.signed("".join(one for one in value if one.isprintable() and one not in "<>&"))
    return _untrusted(forge.sealed(b""), body=value)


def _mutated(forge: Forge, dice: random.Random, fields: Fields) -> Case:
    """A message of a stranger, changed somewhere: in its fields, its bytes, its ciphertext, its signature or around it."""
    fields["FromUserName"], fields["CreateTime"] = _stranger(dice), forge.now
    way = dice.choice(
        [_as_it_is, _other_field, _other_field, _other_bytes, _other_ciphertext, _other_query, _other_body]
    )
    return way(forge, dice, fields)


def _as_it_is(forge: Forge, dice: random.Random, fields: Fields) -> Case:
    return forge.sealed(_written(fields))


def _other_field(forge: Forge, dice: random.Random, fields: Fields) -> Case:
    name = dice.choice(list(fields))
    if dice.random() < 0.2:
        del fields[name]
    elif name != "FromUserName":  # known people do not appear in this
        fields[name] = dice.choice([*ODD, [dice.choice(ODD)] * 3, {"item": {"item": dice.choice(ODD)}}])
    return forge.sealed(_written(fields))


def _other_bytes(forge: Forge, dice: random.Random, fields: Fields) -> Case:
    return forge.sealed(_damaged(dice, _written(fields)))


def _other_ciphertext(forge: Forge, dice: random.Random, fields: Fields) -> Case:
    encrypted = crypto.encrypt(forge.account.aes_key, forge.account.app_id, _written(fields))
    place = dice.randrange(len(encrypted))
    return forge.signed(encrypted[:place] + dice.choice("A=!/") + encrypted[place + dice.choice([0, 1, 16]) :])


def _other_query(forge: Forge, dice: random.Random, fields: Fields) -> Case:
    case = forge.sealed(_written(fields))
    name = dice.choice(["msg_signature", "timestamp", "nonce"])
    value = dice.choice([*ODD[:12], str(forge.now - 3600), case.query[name][::-1] + "0"])
    query = {**case.query, name: value.encode("utf-8", "replace").decode()}
    if dice.random() < 0.3:
        del query[name]
    return _untrusted(case, query=query)


def _other_body(forge: Forge, dice: random.Random, fields: Fields) -> Case:
    case = forge.sealed(_written(fields))
    plain = _written(fields)
    body = dice.choice([b"", plain, plain * 200, _damaged(dice, case.body), b"\xff\xfe", b"<xml/>", b"[" * 70_000])
    return _untrusted(case, body=body, method=dice.choice(["POST", "POST", "POST", "PUT", "GET", "DELETE"]))


def _untrusted(case: Case, **changes: Any) -> Case:
    """The case with changes. Some change nothing that matters: GET answers a right signature, and XML a blank between elements."""
    made = {"method": case.method, "query": case.query, "body": case.body} | changes
    is_same = made["method"] == "GET" or _encrypted(made["body"]) == _encrypted(case.body)
    return Case(**made, trusted=is_same and made["query"] == case.query)


def _encrypted(body: bytes) -> bytes:
    return body.partition(b"<Encrypt>")[2].partition(b"</Encrypt>")[0]


def _damaged(dice: random.Random, data: bytes) -> bytes:
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(data) + 1)
        data = data[:place] + dice.randbytes(dice.randint(0, 3)) + data[place + dice.randint(0, 4) :]
    return data


def _written(fields: Fields) -> bytes:
    return xmlform.build(fields).encode("utf-8", "replace")


def _stranger(dice: random.Random) -> str:
    return f"oFuzz{dice.getrandbits(60):015x}"
