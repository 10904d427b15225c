"""Draws that anybody can repeat from a published seed: groups for cross review, and random samples. Hashes, no generator.

The order is that of SHA-256 over the seed and the name, so the same seed and the same names give the same draw in any
language, whatever the order in which the names come. Publish the seed before the names are known, or draw it in the open.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from hashlib import sha256

from scoring.targets import needed


def shuffle(names: Iterable[str], seed: str, purpose: str = "") -> tuple[str, ...]:
    """The names in the order of their hashes. ValueError for a name that comes twice."""
    listed = list(names)
    if len(set(listed)) < len(listed):
        raise ValueError("a name comes twice")
    return tuple(sorted(listed, key=lambda name: (_hash(seed, purpose, name), name)))


def _hash(*parts: str) -> str:
    """Each part with its length before it, so that no two lists of parts read alike."""
    return sha256("".join(f"{len(part.encode())}:{part}" for part in parts).encode()).hexdigest()


def draw_groups(names: Iterable[str], count: int, seed: str) -> tuple[tuple[str, ...], ...]:
    """`count` groups whose sizes differ by one at most, the larger first (33 in 6: 6, 6, 6, 5, 5, 5).

    ValueError where a group would be empty.
    """
    shuffled = shuffle(names, seed, "groups")
    if not 1 <= count <= len(shuffled):
        raise ValueError(f"{len(shuffled)} names do not make {count} groups")
    size, larger = divmod(len(shuffled), count)
    groups, at = [], 0
    for n in range(count):
        end = at + size + (n < larger)
        groups.append(shuffled[at:end])
        at = end
    return tuple(groups)


def draw_reviews(count: int, seed: str) -> Mapping[int, int]:
    """Which group reviews which: every group reviews one and is reviewed by one, none itself, and of three or more no two each other.

    ValueError for fewer than two groups.
    """
    if count < 2:
        raise ValueError("one group has nobody to review")
    ring = [int(name) for name in shuffle(map(str, range(count)), seed, "reviews")]
    return {group: ring[(n + 1) % count] for n, group in enumerate(ring)}


def draw_sample(names: Sequence[str], ratio: Fraction, seed: str) -> tuple[str, ...]:
    """At least `ratio` of the names, rounded up, in the order drawn. ValueError for a ratio outside 0–1."""
    if not 0 <= ratio <= 1:
        raise ValueError("the ratio lies between 0 and 1")
    return shuffle(names, seed, "sample")[: needed(ratio, len(names))]
