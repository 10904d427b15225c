"""Why a file that was named on the command line cannot be opened, in Chinese."""

import errno
from pathlib import Path

from config.refusals import BadInput

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
