"""What the web process answers where nobody is: Chinese for people, the contract's JSON for programs, nothing new for the platform."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from handlers.strays import answer_strays

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/", "/vote", "/screen", "/wechat/", "/static/none.js", "/brief/x/y/z"])
async def test_a_browser_gets_a_page_in_chinese(door: TestClient, path: str) -> None:
    answer = await door.get(path, headers=BROWSER)
    assert (answer.status, answer.content_type) == (404, "text/html")
    assert "公众号" in await answer.text()
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_wrong_method_is_told_so(door: TestClient) -> None:
    answer = await door.post("/healthz", headers=BROWSER)
    assert (answer.status, answer.content_type) == (405, "text/html")
    assert set(answer.headers["Allow"].split(",")) == {"GET", "HEAD"}
    assert "不能这样打开" in await answer.text()


async def test_whatever_else_asks_gets_one_sentence(door: TestClient) -> None:
    answer = await door.get("/favicon.ico")
    assert (answer.status, answer.content_type) == (404, "text/plain")
    assert "Not Found" not in await answer.text()


async def test_a_program_gets_the_error_of_the_contract(door: TestClient) -> None:
    answer = await door.get("/api/v1/nothing", headers=BROWSER)
    assert answer.status == 404
    error = (await answer.json())["error"]
    assert set(error) == {"code", "say", "ref"}
    assert error["code"] == "not_found"
    assert all(error.values())


async def test_the_platform_gets_what_it_always_got(door: TestClient) -> None:
    answer = await door.put("/wechat", data=b"x")
    assert (answer.status, await answer.text()) == (405, "405: Method Not Allowed")
    answer = await door.post("/wechat", data=b"x" * 70_000)
    assert (answer.status, await answer.text()) == (413, "")


async def test_a_body_that_is_too_large_is_told_in_chinese() -> None:
    async def take(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    app = web.Application(middlewares=[answer_strays], client_max_size=10)
    app.router.add_post("/{path:.*}", take)
    async with TestClient(TestServer(app)) as client:
        page = await client.post("/some", data=b"x" * 100, headers=BROWSER)
        assert page.status == 413
        assert "没有收下" in await page.text()
        fault = await client.post("/api/v1/some", data=b"x" * 100)
        assert (fault.status, (await fault.json())["error"]["code"]) == (413, "too_large")
