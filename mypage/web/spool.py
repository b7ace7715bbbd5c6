"""Where the files of a form lie while it arrives: in the scratch folder, under no name."""

from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Final, cast

from flask import Request

from mypage.adapters.keeping.disk import DISK_FULL
from mypage.web.house import house

# What is smaller stays in memory: a photo that somebody adds to another form makes no file.
_SMALL: Final = 1 << 18


class ScratchFull(Exception):
    """The disk on which files of a form lie while it arrives has no room for them."""


class Spooling(Request):
    """Files of a form lie in the scratch folder while it arrives: a folder of the system may be of memory."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return cast(IO[bytes], _Spool(house().settings.scratch))


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

    def write(self, data: bytes) -> int:
        """Add some bytes. Raises :class:`ScratchFull`."""
        try:
            return self._file.write(data)
        except OSError as error:
            self._file.close()
            if error.errno in DISK_FULL:
                raise ScratchFull from None
            raise
