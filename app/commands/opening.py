"""Opening a file that was named on the command line; why it cannot be opened, in Chinese."""

import errno
from pathlib import Path

from config.refusals import BadInput
from scoring.reading import MAX_JSON_BYTES

_WHY = {
    errno.ENOENT: "文件不存在",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EACCES: "没有读取的权限",
    errno.EPERM: "没有读取的权限",
    errno.ENAMETOOLONG: "文件名太长",
}


def cannot_open(path: Path, error: OSError) -> BadInput:
    """The fault of a file that the system does not open: with its name, and without the system's English."""
    why = _WHY.get(error.errno or 0, f"系统错误 {error.errno}")
    return BadInput([f"{path}：打不开（{why}），请核对路径"])


def read_text_file(path: Path) -> bytes:
    """The bytes of a YAML or JSON file; of one that is too large just enough to be refused as such. Raises `BadInput`."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_JSON_BYTES + 1)
    except OSError as error:
        raise cannot_open(path, error) from None
