"""The pictures of README show the product as it is."""

import json

from docs.take_pictures import SHOWN, WINDOWS, show


def test_what_is_to_be_read_on_the_pictures_is_what_the_demo_shows_now() -> None:
    kept = json.loads(SHOWN.read_text(encoding="utf-8"))
    assert set(kept) == set(WINDOWS)
    assert show(None) == kept, "run `.venv/bin/python -m docs.take_pictures` and look at the pictures"
