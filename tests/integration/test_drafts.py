"""Drafts: one for each openid and flow, the newest counts."""

from datetime import UTC, datetime, timedelta

from services.drafts import drop_draft, load_draft, save_draft

NOW = datetime(2022, 1, 18, 1, 0, tzinfo=UTC)


async def test_the_newest_draft_of_a_flow_is_kept(db: str) -> None:
    await save_draft("a", "投诉建议", {"version": "1", "answers": {"text": "甲"}}, NOW)
    await save_draft("a", "投诉建议", {"version": "1", "answers": {"text": "乙"}}, NOW + timedelta(seconds=1))
    await save_draft("b", "投诉建议", {"version": "1", "answers": {}}, NOW)
    draft = await load_draft("a", "投诉建议")
    assert draft == {"version": "1", "answers": {"text": "乙"}}
    await drop_draft("a", "投诉建议")
    await drop_draft("a", "投诉建议")
    assert await load_draft("a", "投诉建议") is None
    assert await load_draft("b", "投诉建议") is not None
