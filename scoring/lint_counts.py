"""The linter's rules about what a document counts and names: wrong counts, doubled items, terms nobody explains."""

from collections import Counter
from collections.abc import Iterator

from scoring.findings import Finding
from scoring.scheme import Scheme


def find_wrong_counts(scheme: Scheme) -> Iterator[Finding]:
    """A number of items that is not the number listed (A1, A8, A10, A24)."""
    for n, listing in enumerate(scheme.listings):
        if listing.said is not None and listing.items and listing.said != len(listing.items):
            say = f"「{listing.title}」写的是 {listing.said} 项，列出的是 {len(listing.items)} 项"
            yield Finding("count_differs", f"listings[{n}]", say, listing.clause)


def find_doubled_items(scheme: Scheme) -> Iterator[Finding]:
    """An item that is listed twice (A1)."""
    for n, listing in enumerate(scheme.listings):
        for item, times in Counter(listing.items).items():
            if times > 1:
                say = f"「{listing.title}」把“{item}”列了 {times} 次"
                yield Finding("listed_twice", f"listings[{n}]", say, listing.clause)


def find_unexplained_terms(scheme: Scheme) -> Iterator[Finding]:
    """Something named that the document never lists (A12)."""
    for n, listing in enumerate(scheme.listings):
        if not listing.items:
            yield Finding("unexplained_term", f"listings[{n}]", f"「{listing.title}」没有说明是什么", listing.clause)


def find_absent_papers(scheme: Scheme) -> Iterator[Finding]:
    """Papers that the document refers to and does not contain."""
    for n, paper in enumerate(scheme.papers):
        if not paper.included:
            yield Finding("paper_absent", f"papers[{n}]", f"文件引用了《{paper.title}》，但没有附", paper.clause)


RULES = (find_wrong_counts, find_doubled_items, find_unexplained_terms, find_absent_papers)
