"""「32/33（97%）」 by hand."""

from collections.abc import Collection


def covered(label: str, round: str, done: Collection[str], of: int) -> str:
    """The words of how many of one kind are rated in a round; a whole number, a half rounded up."""
    return f"{label}「{round}」已评 {len(done)}/{of}（{(200 * len(done) + of) // (2 * of)}%"
