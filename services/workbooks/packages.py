"""Zip packages (docx, xlsx) that people bring, looked at before anything of them is unpacked. Pure.

What an entry declares is what its maker wrote there. `zipfile` gives no more than that of a part, but it unpacks all that is there
first: a kilobyte that declares a hundred bytes can take gigabytes of memory.
"""

import copy
import io
import zipfile

_ENTRY = b"PK\x01\x02"
# Each is an object in memory: twenty megabytes of them are hundreds. No document of an office has a tenth of it.
_MOST_ENTRIES = 20_000
# What Word and Excel write, and read; the others unpack without any bound on how much at once.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_CHUNK = 64 * 1024


class TooLarge(Exception):
    """It has more parts than it may, or declares that it unpacks to more."""


def open_package(content: bytes) -> zipfile.ZipFile:
    """The zip, of which nothing has been unpacked. Raises `zipfile.BadZipFile`, also for a list of parts that is itself a bomb."""
    if content.count(_ENTRY) > _MOST_ENTRIES:
        raise zipfile.BadZipFile
    return zipfile.ZipFile(io.BytesIO(content))


def check_parts(package: zipfile.ZipFile, *, most_parts: int, most_bytes: int) -> None:
    """Make sure that all its parts can be read whole: few enough, small enough, each as large as it declares.

    Raises `TooLarge`; `zipfile.BadZipFile` for a part that is encrypted, packed otherwise than documents are, or not what it declares.
    """
    parts = package.infolist()
    if len(parts) > most_parts or sum(part.file_size for part in parts) > most_bytes:
        raise TooLarge
    for part in parts:
        is_plain = part.compress_type in _METHODS and not part.flag_bits & _ENCRYPTED
        if not is_plain or _real_size(package, part) != part.file_size:
            raise zipfile.BadZipFile


def _real_size(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """How many bytes it unpacks to, a little at a time; not counted further than one beyond what it declares."""
    asked = copy.copy(part)
    asked.file_size = part.file_size + 1
    size = 0
    with package.open(asked) as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
    return size
