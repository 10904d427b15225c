"""Which classes of voters must stay hidden, so that nothing published shows how few people voted (design §5, T6). Pure."""


def hidden_classes(sizes: dict[str, int], min_class: int) -> frozenset[str] | None:
    """Names of the classes to hide, or None where hiding cannot be had.

    A class below `min_class` is hidden, and with it the next smallest, until what is hidden cannot be had by
    subtracting what is published: at least two classes, together at least `min_class`. Empty classes hide nobody.
    """
    by_size = sorted((size, name) for name, size in sizes.items() if size > 0)
    if not by_size or by_size[0][0] >= min_class:
        return frozenset()
    hidden: list[str] = []
    total = 0
    for size, name in by_size:
        if size >= min_class and len(hidden) >= 2 and total >= min_class:
            break
        hidden.append(name)
        total += size
    if len(hidden) < 2 or total < min_class:
        return None
    return frozenset(hidden)


def rounded_turnout(voted: int, min_class: int) -> int:
    """What every door shows of `voted` before the close: rounded down to a multiple of `min_class` (T3, T5)."""
    return voted - voted % max(min_class, 1)
