"""`python -m sandbox`: the simulator as a process of its own, configured by the environment."""

from aiohttp import web

from sandbox.app import create_app
from sandbox.settings import from_environment


def main() -> None:
    """Serve until interrupted."""
    settings = from_environment()
    print(f"模拟的微信平台：http://{settings.host}:{settings.port}/  回调地址：{settings.callback_url}", flush=True)
    web.run_app(
        create_app(settings), host=settings.host, port=settings.port, print=None, access_log=None, shutdown_timeout=1.0
    )


if __name__ == "__main__":
    main()
