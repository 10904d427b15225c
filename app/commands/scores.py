"""`zhiping score` and `zhiping lint`: contract §4 in, contract §4 out, without database or network."""

import json
import sys
from argparse import Namespace

from app.commands.documents import SCHEME, SETTINGS, find_scheme, read_document_file
from app.commands.tables import AS_JSON, Plain, argument
from config import refusals
from scoring.engine import evaluate
from scoring.envelope import evaluate_sealed
from scoring.faults import BadInput, placed
from scoring.lint import lint
from scoring.loading import load_scheme
from scoring.report import report_lines

DONE, FOUND, UNUSABLE = 0, 1, 2


def score(options: Namespace) -> int:
    """`zhiping score`. The result is always JSON; --json is for the comparison of two, which else is told in words."""
    if options.settings is None and options.scheme is None:
        return run_score(options.file, sealed=options.sealed)
    if options.sealed:
        raise refusals.BadInput(["--sealed 不能和 --settings、--scheme 一起用：试算不存档"])
    # What-if also knows the runs of a database.
    from app.commands.alternatives import run_what_if

    return run_what_if(options.file, options.settings, options.scheme, as_json=options.as_json)


def run_score(path: str, *, sealed: bool = False) -> int:
    """Score the document at `path`. Prints the result and returns 0, or one Chinese sentence on standard error and returns 2.

    sealed: the result with scheme, document and hashes, as it is kept (scoring.envelope), for tools/verify_score.py.
    """
    try:
        document = read_document_file(path)
        name, content = find_scheme(document["scheme"])
        if sealed:
            lines = [
                json.dumps(evaluate_sealed(content.decode(), document, file=name), ensure_ascii=False, indent=1),
                "\n",
            ]
            sys.stdout.writelines(lines)
        else:
            sys.stdout.writelines(report_lines(evaluate(load_scheme(content, file=name), document)))
    except BadInput as error:
        return _unusable(error)
    return DONE


def run_lint(name: str, *, as_json: bool = False) -> int:
    """Lint a scheme, by slug or path. Prints the findings; returns 1 where there are any, 0 where none, 2 where it cannot be read."""
    try:
        file, content = find_scheme(name)
        findings = lint(load_scheme(content, file=file))
    except BadInput as error:
        return _unusable(error)
    if as_json:
        print(json.dumps([finding._asdict() for finding in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            print(placed(finding.say, finding.path) + (f"（{finding.clause}）" if finding.clause else ""))
    return FOUND if findings else DONE


def _unusable(error: BadInput) -> int:
    print(error, file=sys.stderr)
    return UNUSABLE


SCORE = Plain(
    score,
    (
        argument("file", metavar="FILE.json"),
        SETTINGS,
        SCHEME,
        AS_JSON,
        argument("--sealed", action="store_true", help="连同方案、输入和校验码一起输出，供存档和复核"),
    ),
)
LINT = Plain(
    lambda options: run_lint(options.scheme, as_json=options.as_json), (argument("scheme", metavar="SCHEME"), AS_JSON)
)
