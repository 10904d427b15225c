"""Files named on the command line, read and written; where that fails, one Chinese sentence names the file and says what to do."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.refusals import BadInput
from scoring.reading import MAX_JSON_BYTES

_UNREAD = {
    errno.ENOENT: "文件不存在",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EACCES: "没有读取的权限",
    errno.EPERM: "没有读取的权限",
    errno.ENAMETOOLONG: "文件名太长",
}
_UNWRITTEN = _UNREAD | {
    errno.ENOENT: "所在的文件夹不存在",
    errno.EACCES: "没有写入的权限",
    errno.EPERM: "没有写入的权限",
    errno.EROFS: "这里只能读，不能写",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已满",
}


def read_file(path: Path, most: int = MAX_JSON_BYTES) -> bytes:
    """The bytes of a file; of one that is larger than `most` one more, so that its reader refuses it as such. Raises `BadInput`."""
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except (OSError, ValueError) as error:  # a name with a NUL is a ValueError
        raise BadInput([f"{path}：打不开（{_why(error, _UNREAD)}），请核对路径"]) from None


def write_file(path: Path, content: bytes) -> None:
    """Write a file, over one that is there. Raises `BadInput`."""
    with writing(path):
        path.write_bytes(content)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What is written inside goes to this file. Raises `BadInput` where the system does not let it."""
    try:
        yield
    except OSError as error:
        raise BadInput([f"{path}：存不下（{_why(error, _UNWRITTEN)}），请换一个地方存"]) from None


def _why(error: Exception, words: dict[int, str]) -> str:
    """In Chinese, without the system's own English."""
    number = error.errno if isinstance(error, OSError) else None
    return words.get(number or 0, f"系统错误 {number}" if number else "文件名不能用")


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """A fault of the whole file, which has no place in it (「文件不是 UTF-8…」), is told with the file's name."""
    try:
        yield
    except BadInput as bad:
        raise BadInput([f"{path}：{one}" if one.startswith("文件") else one for one in bad.faults]) from bad
