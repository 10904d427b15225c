"""What is checked of an .xlsx file before anything is read from it: size, zip, and every XML part in one pass without a tree.

A workbook is a zip of XML: a few kilobytes can unpack to gigabytes, and XML can multiply itself by entities.
"""

import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, NoReturn
from xml.parsers import expat

from config.refusals import BadInput
from services.workbooks.packages import TooLarge, check_parts, open_package

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 64 * 1024 * 1024
MAX_PARTS = 1000
# 50,000 people with seven columns are about 750,000 elements.
MAX_ELEMENTS = 1_000_000
MAX_DEPTH = 64

TOO_BIG = "文件超过 10 MB：请删去图片和用不到的工作表后再试"
_OLD = b"\xd0\xcf\x11\xe0"
_IS_OLD = "这是旧版 .xls 文件，或设了打开密码：请在 Excel 或 WPS 里去掉密码，另存为 .xlsx"
_NOT_A_WORKBOOK = "这不是 Excel 工作簿，或文件已损坏：请在 Excel 或 WPS 里打开，另存为 .xlsx 后再试"
_SUSPECT = "文件展开后过大或结构异常，没有读取：请把内容复制到一个新建的工作簿，另存为 .xlsx 后再试"

# NotImplementedError: a newer kind of zip.
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, expat.ExpatError),
    *(OSError, EOFError, RuntimeError, ValueError, NotImplementedError),
)


def check_package(content: bytes) -> Mapping[str, list[str]]:
    """The merged ranges (`A3:A5`) of each XML part, by the part's name. Raises `BadInput` where it is no workbook or not a safe one."""
    if len(content) > MAX_BYTES:
        raise BadInput([TOO_BIG])
    if content.startswith(_OLD):
        raise BadInput([_IS_OLD])
    try:
        with open_package(content) as package:
            return _check_parts(package)
    except TooLarge:
        raise BadInput([_SUSPECT]) from None
    except _UNREADABLE:
        raise BadInput([_NOT_A_WORKBOOK]) from None


def not_a_workbook() -> BadInput:
    """The refusal of a file that looks like a workbook and cannot be read as one."""
    return BadInput([_NOT_A_WORKBOOK])


def _check_parts(package: zipfile.ZipFile) -> dict[str, list[str]]:
    check_parts(package, most_parts=MAX_PARTS, most_bytes=MAX_UNPACKED)
    if "[Content_Types].xml" not in package.namelist():
        raise BadInput([_NOT_A_WORKBOOK])
    scan = _Scan()
    return {
        part.filename: scan.read(package, part)
        for part in package.infolist()
        if part.filename.endswith((".xml", ".rels"))
    }


class _Scan:
    """Passes over XML parts, with one budget of elements for all of them."""

    def __init__(self) -> None:
        self._elements = 0
        self._depth = 0
        self._merged: list[str] = []

    def read(self, package: zipfile.ZipFile, part: zipfile.ZipInfo) -> list[str]:
        self._depth = 0
        self._merged = []
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._close
        with package.open(part) as source:
            parser.ParseFile(source)
        return self._merged

    def _refuse(self, *_: Any) -> NoReturn:
        raise BadInput([_SUSPECT])

    def _open(self, name: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        self._depth += 1
        if self._elements > MAX_ELEMENTS or self._depth > MAX_DEPTH:
            self._refuse()
        if name.rpartition(":")[2] == "mergeCell":
            self._merged.append(attributes.get("ref", ""))

    def _close(self, _name: str) -> None:
        self._depth -= 1
