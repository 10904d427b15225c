"""Temporary media: upload and download."""

from aiohttp import web
from aiohttp.multipart import BodyPartReader

from sandbox.api import Call, Endpoint, Json
from sandbox.errors import ApiError

KB, MB = 1024, 1024 * 1024
LIMITS = {"voice": 2 * MB, "video": 10 * MB, "thumb": 64 * KB}
STARTS: dict[str, tuple[bytes, ...]] = {
    "image": (b"\xff\xd8\xff", b"\x89PNG", b"GIF8"),
    "voice": (b"#!AMR", b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    "thumb": (b"\xff\xd8\xff",),
}
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "audio/amr": "amr", "audio/mpeg": "mp3"}


async def upload(call: Call) -> Json:
    """POST /cgi-bin/media/upload?type=, multipart field `media` with a file name."""
    type_ = call.query("type")
    if type_ not in {"image", "voice", "video", "thumb"}:
        raise ApiError(40004)
    content_type, data = await _read_file(call)
    if len(data) > LIMITS.get(type_, call.world.settings.image_limit):
        raise ApiError(40006)
    is_fitting = data[4:8] == b"ftyp" if type_ == "video" else data.startswith(STARTS[type_])
    if not is_fitting:
        raise ApiError(40005)
    media = call.world.media.add(type_, content_type, data)
    id_name = "thumb_media_id" if type_ == "thumb" else "media_id"
    return {"type": type_, id_name: media.id, "created_at": int(media.created)}


async def _read_file(call: Call) -> tuple[str, bytes]:
    if not call.request.content_type.startswith("multipart/"):
        raise ApiError(41005)
    async for part in await call.request.multipart():
        if isinstance(part, BodyPartReader) and part.name == "media" and part.filename:
            data = bytes(await part.read())
            if data:
                return part.headers.get("Content-Type", "application/octet-stream"), data
    raise ApiError(41005)


async def get(call: Call) -> Json | web.Response:
    """GET /cgi-bin/media/get: bytes, but an address for films."""
    media = call.world.media.get(call.query("media_id"), call.world.settings.media_ttl)
    if media.type == "video":
        settings = call.world.settings
        return {"video_url": f"http://{settings.host}:{settings.port}/mmbiz/{media.id}"}
    name = f"{media.id}.{EXTENSIONS.get(media.content_type, 'bin')}"
    disposition = {"Content-disposition": f'attachment; filename="{name}"'}
    return web.Response(body=media.data, content_type=media.content_type, headers=disposition)


ENDPOINTS = [
    Endpoint("POST", "/cgi-bin/media/upload", upload, "any", form=True),
    Endpoint("GET", "/cgi-bin/media/get", get, "any"),
    Endpoint("GET", "/cgi-bin/media/get/jssdk", get, "any"),
]
