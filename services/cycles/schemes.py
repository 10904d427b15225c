"""Schemes by name: read from their files, understood by the rules engine."""

from config.refusals import BadInput
from config.scheme_files import list_schemes, read_scheme_file
from scoring import faults
from scoring.loading import load_scheme
from scoring.scheme import Scheme


def require(slug: str, path: str) -> Scheme:
    """The scheme that ships under `slug`. Raises `BadInput` naming `path` where there is none or its file is faulty."""
    if slug not in list_schemes():
        raise BadInput([f"{path}：没有名为「{faults.clip(slug)}」的方案{faults.suggest(slug, list_schemes())}"])
    found = read_scheme_file(slug)
    assert found is not None, "it was listed"
    try:
        return load_scheme(found[1], file=found[0])
    except faults.BadInput as error:
        raise BadInput([faults.placed(str(error), path)]) from error
