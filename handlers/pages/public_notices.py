"""`/notice/<code>`: a public notice, for whoever has its address; nothing on it but what may be public, and only while it runs."""

from aiohttp import web

from handlers.pages.logins import patient
from handlers.pages.rendering import HEADERS, render
from handlers.pages.screens import NOW
from models.public_notices import PublicNotice
from services.meetings.statements import typeset
from services.public_notices.notice_contents import Content, Group, read_content
from services.public_notices.public_notices import day_of

_AT = "/notice/{code}"


@patient
async def show_notice(request: web.Request) -> web.Response:
    """GET /notice/{code}: the page; a Chinese 404 for an address that is unknown."""
    notice = await PublicNotice.get_or_none(code=request.match_info["code"])
    if notice is None:
        say = "地址不对，请核对是否完整。在公众号回复「公示」可以看到正在公示的内容。"
        return render("page_message.html", 404, name="brief", title="没有这份公示", say=say)
    return render("page.html", title=notice.title, name="notice", address=f"/notice/{notice.code}")


async def give_facts(request: web.Request) -> web.Response:
    """GET /notice/{code}/facts: what the page shows, as JSON."""
    notice = await PublicNotice.get_or_none(code=request.match_info["code"])
    if notice is None:
        raise web.HTTPNotFound
    content = await read_content(notice, day_of(request.app[NOW]()))
    return web.json_response(_document(content), headers=HEADERS)


def _document(content: Content) -> dict[str, object]:
    return {
        "title": content.title,
        "issuer": content.issuer,
        "state": content.state,
        "is_shown": content.is_shown,
        "period": content.period,
        "basis": content.basis,
        "groups": [_group(one) for one in content.groups],
        "paragraphs": [typeset(one) for one in content.paragraphs],
        "how": typeset(content.how),
    }


def _group(group: Group) -> dict[str, object]:
    bands = [
        {
            "title": band.title,
            "count": band.count,
            "branches": [
                {
                    "name": branch,
                    "people": [{"name": one.name, "awards": one.awards, "score": one.score} for one in people],
                }
                for branch, people in band.by_branch()
            ],
        }
        for band in group.bands
    ]
    return {"title": group.title, "bands": bands}


URLS = (web.get(_AT, show_notice), web.get(f"{_AT}/facts", give_facts))
