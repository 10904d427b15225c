"""Content-addressed files under DATA_DIR. An object store can take this place later: `put`, `read` and `remove` are all there is."""

import hashlib
import os
from pathlib import Path
from uuid import uuid4


class Files:
    """Files named by the SHA-256 of their content; storing the same content twice keeps one copy."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def put(self, content: bytes) -> str:
        """Store `content` durably and give its SHA-256 (hex). Raises OSError where the disk is full; nothing half-written remains."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if path.exists():
            return digest
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{uuid4().hex}")
        try:
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return digest

    def read(self, digest: str) -> bytes:
        """The content of that SHA-256. Raises FileNotFoundError."""
        return self._path(digest).read_bytes()

    def remove(self, digest: str) -> None:
        """Forget that content. Nothing happens where it is not there."""
        self._path(digest).unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        return self.directory / digest[:2] / digest
