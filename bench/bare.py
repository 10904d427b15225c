"""What the product is compared with: a bare aiohttp handler that verifies, decrypts, echoes and encrypts with wechatpy.

python -m bench.bare PORT    (WECHAT_TOKEN, WECHAT_AES_KEY and WECHAT_APP_ID in the environment)
"""

import os
import sys

from aiohttp import web
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto


def main() -> None:
    """Serve until SIGTERM."""
    crypto = WeChatCrypto(*(os.environ[f"WECHAT_{name}"] for name in ("TOKEN", "AES_KEY", "APP_ID")))

    async def echo(request: web.Request) -> web.Response:
        query = request.query
        xml = crypto.decrypt_message(await request.text(), query["msg_signature"], query["timestamp"], query["nonce"])
        message = parse_message(xml)
        reply = create_reply(message.content, message).render()
        return web.Response(
            text=crypto.encrypt_message(reply, query["nonce"], query["timestamp"]), content_type="application/xml"
        )

    async def ready(request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/wechat", echo), web.get("/readyz", ready)])
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=lambda *_: None)


if __name__ == "__main__":
    main()
