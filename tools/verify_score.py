"""Recompute a stored result with the standard library alone: python verify_score.py FILE.json [PUBLISHED SEAL]; exit 0: all agrees."""

import json
import sys
from fractions import Fraction as F
from hashlib import sha256


def digest(value):
    return sha256(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def amount(value, settings):
    found = value if isinstance(value, str) else settings[value["setting"]]
    return F(found if isinstance(found, str) else found[value["key"]])


def component(part, row, scheme, settings):
    if part["key"] in (row.get("scores") or {}):
        return F(row["scores"][part["key"]])
    form, classes = scheme["forms"][part["form"]] if part.get("form") else {}, row["ballots"][part["key"]]
    points, trim, total = form.get("options") or settings.get("points", {}), form.get("trim", {"above": 10**9}), F(0)
    weights = {g["name"]: g["weight"] for g in form.get("raters", ()) if "weight" in g} or settings.get("class_weights")
    for name, items in classes.items():
        for options in items.values():
            votes = sorted(F(points.get(o, o)) for o, n in options.items() if o != "弃权" for _ in range(n))
            if len(votes) > trim["above"]:
                votes = votes[trim.get("lowest", 1) : len(votes) - trim.get("highest", 1)]
            total += F((weights or {name: 1})[name]) * sum(votes) / len(votes) / len(items)
    return total


def inside(window, event, year):
    on, until, op = event.get("on"), event.get("until") or "9999", window["op"]
    known = on and {"any_time": True, "since": on >= window.get("day", ""), "in_cycle_year": on[:4] == year}
    return not on or known.get(op, on[:4] <= year <= until[:4])


def own_figures(track, row, scheme, settings, year):
    total, grade, facts, exact = track.get("total") or {}, track["grade"], row.get("facts") or {}, None
    if total.get("op") == "weighted_sum":
        exact = sum(component(p, row, scheme, settings) * amount(p["weight"], settings) for p in total["parts"])
    elif total.get("op") == "indicator_sum":
        exact = sum(map(F, row["indicators"].values()))
    for rule in [track["bonus"]] if facts.get("bonus") else []:
        counted = [one for one in facts["bonus"] if inside(rule.get("window", {"op": "any_time"}), one, year)]
        cap = amount(rule["cap"], settings) if rule.get("cap") else F(10**9)
        exact += min(cap, sum(F(one["points"]) for one in counted if one["confirmed"]))
    rules = {veto["id"]: veto for veto in track.get("vetoes", ())}
    struck = [event for event in facts.get("veto") or () if inside(rules[event["rule"]]["window"], event, year)]
    if struck or grade["op"] == "stated":
        vetoed = next((rules[event["rule"]].get("band") for event in struck if event["confirmed"]), None)
        return exact, vetoed if struck else facts.get(grade["input"])
    read = {"half_up_integer": (2 * exact + 1) // 2, "truncate_integer": exact // 1}.get(grade.get("reading"), exact)
    return exact, next(band["name"] for band in grade["bands"] if read >= amount(band["line"], settings))


def disagreements(page, seal):
    scheme, given, found, hashes = page["scheme"], page["document"], page["result"], dict(page["hashes"])
    yield "seal", hashes.pop("seal") == digest(hashes) == (seal or digest(hashes))
    yield "hashes", hashes == {name: digest(page[name]) for name in ("scheme", "scheme_text", "document", "result")}
    head = [page["format"], given["scheme"], scheme["slug"], scheme["version"], given["cycle"]]
    yield "head", head == ["zhiping-score/1", found["scheme"], found["scheme"], found["version"], found["cycle"]]
    yield "scheme file", found["sha256"] == sha256(page["scheme_text"].encode()).hexdigest()
    rows, shown = {row["id"]: row for row in given["subjects"]}, {one["id"]: one for one in found["subjects"]}
    yield "subjects", rows.keys() == shown.keys() | {one["id"] for one in found["refusals"]}
    for one, row in ((shown[id_], row) for id_, row in rows.items() if id_ in shown and not row.get("exempt")):
        track = next(track for track in scheme["tracks"] if row["kind"] in track["kinds"])
        exact, band = own_figures(track, row, scheme, given.get("settings") or {}, given["cycle"])
        figures = [None, None] if exact is None else [str(exact), f"{(200 * exact + 1) // 2 / 100:.2f}"]
        yield row["id"], [one["exact"], one["score"]] == figures
        moved = {"quota", "quota_tie"} & set(one["flags"]) or (row.get("facts") or {}).get("downgrade")
        yield row["id"], bool(moved) or one["band"] == band


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        wrong = [what for what, agrees in disagreements(json.load(file), "".join(sys.argv[2:3])) if not agrees]
    sys.exit(f"does not agree: {', '.join(wrong)}" if wrong else print("everything agrees"))
