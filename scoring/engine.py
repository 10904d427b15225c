"""evaluate(scheme, document) -> Result: pure, total, exact and deterministic. The order of the steps is that of A26."""

from scoring.assessment import assess, settle_consequences, settle_downgrade
from scoring.comparison import group_children, settle_awards, settle_overviews, settle_quotas
from scoring.document import Document, read_document
from scoring.quick import assess_quickly, compile_track
from scoring.result import Notice, Result, Step, Tell, Told
from scoring.scheme import Scheme
from scoring.sheets import Sheet
from scoring.subjects import Subject


def evaluate(scheme: Scheme, document: object) -> Result:
    """Assess every subject of a document (contract §4, as read_json gives it) under a scheme.

    Raises BadInput, with the path of the fault, for a document that cannot be used; a subject that cannot be graded is a
    refusal in the result, never an exception.
    """
    return evaluate_document(scheme, read_document(scheme, document))


def evaluate_document(scheme: Scheme, document: Document) -> Result:
    """The same for a document that was read already."""
    every = [Sheet(subject, scheme.track_of[subject.kind]) for subject in document.subjects]
    assessed = [sheet for sheet in every if sheet.subject.exempt is None]
    for sheet in every:
        if sheet.subject.exempt is not None:
            sheet.flags = ("exempt",)
    notices = _assess_all(scheme, assessed, document)
    notices += _settle(scheme, assessed, document)
    rows, general = settle_overviews(scheme, assessed)
    tell = _teller(scheme, document)
    return Result(
        scheme=scheme.slug,
        version=scheme.version,
        sha256=scheme.sha256,
        cycle=str(document.cycle),
        subjects=tuple(sheet.result(tell) for sheet in every if not sheet.refusals),
        summary=tuple(rows),
        refusals=tuple((sheet.subject.id, refusal) for sheet in every for refusal in sheet.refusals),
        warnings=(*notices, *general),
    )


def _assess_all(scheme: Scheme, sheets: list[Sheet], document: Document) -> list[Notice]:
    """Score and band of each; the steps are dropped, as they are told again when somebody reads them."""
    quick = {kind: compile_track(track, document.settings) for kind, track in scheme.track_of.items()}
    notices: list[Notice] = []
    for sheet in sheets:
        compiled = quick[sheet.subject.kind]
        if compiled is None or not assess_quickly(compiled, sheet):
            notices += assess(sheet, document.settings, document.cycle)
            sheet.steps, sheet.boundary = (), None
    return notices


def _teller(scheme: Scheme, document: Document) -> Tell:
    """What explains a subject's own figures, worked out when it is asked for."""

    def tell(subject: Subject) -> Told:
        sheet = Sheet(subject, scheme.track_of[subject.kind])
        if subject.exempt is not None:
            rule = sheet.track.exemption
            return Told(None, (Step(rule, "不列入考核范围：{}", (subject.exempt,)),) if rule else ())
        assess(sheet, document.settings, document.cycle)
        return Told(sheet.boundary, sheet.steps)

    return tell


def _settle(scheme: Scheme, assessed: list[Sheet], document: Document) -> list[Notice]:
    """Quotas, then downgrades, then awards, then consequences."""
    graded = [sheet for sheet in assessed if not sheet.refusals]
    children = group_children(assessed)
    notices = settle_quotas(scheme, assessed, children, document.settings)
    for sheet in graded:
        notices += settle_downgrade(sheet, document.cycle)
    settle_awards(graded, children)
    for sheet in graded:
        settle_consequences(sheet, document.cycle)
    return notices
