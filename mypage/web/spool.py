"""How a body is read: at a pace; and where the files of a form lie meanwhile: in the scratch folder, under no name."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Final, cast

from flask import Request

from mypage.adapters.keeping.disk import DISK_FULL
from mypage.web.house import house
from mypage.web.paced import Paced

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# What is smaller stays in memory: a photo that somebody adds to another form makes no file.
_SMALL: Final = 1 << 18
_CHUNK: Final = 1 << 16


class ScratchFull(Exception):
    """The disk on which files of a form lie while it arrives has no room for them."""


class Spooling(Request):
    """Files of a form lie in the scratch folder while it arrives: a folder of the system may be of memory."""

    def __init__(
        self, environ: "WSGIEnvironment", populate_request: bool = True, shallow: bool = False
    ) -> None:
        environ["wsgi.input"] = Paced(environ["wsgi.input"], lambda: house().clock.now())
        super().__init__(environ, populate_request, shallow)
        self._spools: list[_Spool] = []

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        self._spools.append(_Spool(house().settings.scratch))
        return cast(IO[bytes], self._spools[-1])

    def close(self) -> None:
        """Leave nothing open, also of a form that broke off in the midst of a file."""
        super().close()
        for spool in self._spools:
            spool.close()


class _Spool:
    """A file without a name. Of what a stream can do the form's parser and the views need this."""

    def __init__(self, scratch: Path | None) -> None:
        if scratch is not None:
            scratch.mkdir(parents=True, exist_ok=True)
        self._file = SpooledTemporaryFile(_SMALL, dir=None if scratch is None else str(scratch))  # noqa: SIM115 - closed with the request
        self.read, self.seek, self.tell, self.close = (
            self._file.read,
            self._file.seek,
            self._file.tell,
            self._file.close,
        )

    def __iter__(self) -> Iterator[bytes]:
        """What is left to read, a little at a time; not line by line, for a line may be all of it."""
        return iter(lambda: self._file.read(_CHUNK), b"")

    def write(self, data: bytes) -> int:
        """Add some bytes. Raises :class:`ScratchFull`."""
        try:
            return self._file.write(data)
        except OSError as error:
            self._file.close()
            if error.errno in DISK_FULL:
                raise ScratchFull from None
            raise
