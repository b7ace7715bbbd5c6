"""Parts of kept files in a bucket of an S3-compatible server, below ``prefix/FILE/PART``."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from mypage.config.values import S3Server
from mypage.domain.kept_file import PartLost, StoreFault, Why

if TYPE_CHECKING:
    pass

Done = TypeVar("Done")
# A person waits in front of it: who does not answer by then counts as away.
_ANSWERS_WITHIN: Final = timedelta(seconds=10)
_TRIES_AGAIN: Final = 2


class InBucket:
    """A :class:`mypage.domain.kept_file.Store` in a bucket that is there already."""

    def __init__(self, server: S3Server) -> None:
        # Only where it is used: whoever keeps files elsewhere starts sooner without it.
        from obstore.store import S3Store

        self._prefix = f"{server.prefix}/" if server.prefix else ""
        self._bucket: S3Store = S3Store(
            server.bucket,
            config={
                "endpoint": server.endpoint,
                "region": server.region,
                "access_key_id": server.key,
                "secret_access_key": server.secret,
                # Every server knows buckets in the path; names in the host need a wildcard in the DNS.
                "virtual_hosted_style_request": False,
            },
            client_options={
                "allow_http": server.endpoint.startswith("http://"),
                "timeout": _ANSWERS_WITHIN,
                "connect_timeout": _ANSWERS_WITHIN / 2,
            },
            retry_config={"max_retries": _TRIES_AGAIN, "retry_timeout": _ANSWERS_WITHIN},
        )

    def put(self, file_id: str, part: str, data: bytes) -> None:
        """Keep a part; the server answers when it has it."""
        try:
            _told(lambda: self._bucket.put(self._name(file_id, part), data, use_multipart=False))
        except FileNotFoundError:
            raise StoreFault(Why.AWAY, "no such bucket") from None

    def get(self, file_id: str, part: str) -> bytes:
        """The bytes of a part."""
        try:
            return _told(lambda: bytes(self._bucket.get(self._name(file_id, part)).bytes()))
        except FileNotFoundError:
            raise PartLost(part) from None

    def drop(self, file_id: str, part: str) -> None:
        """Delete a part."""
        try:
            _told(lambda: self._bucket.delete(self._name(file_id, part)))
        except FileNotFoundError:
            return  # a server may say so of what is not there

    def remove(self, file_id: str) -> None:
        """Delete whatever lies there of a file."""
        for some in _told(lambda: list(self._bucket.list(self._name(file_id, "")))):
            _told(lambda paths=[each["path"] for each in some]: self._bucket.delete(paths))  # type: ignore[misc]

    def _name(self, file_id: str, part: str) -> str:
        return f"{self._prefix}{file_id}/{part}"


def _told(deed: Callable[[], Done]) -> Done:
    """What ``deed`` gives; what the server says, and what the line does, as our own fault.

    ``FileNotFoundError`` where the object is not there. Its messages may hold the address: only their kind goes on.
    """
    from obstore.exceptions import BaseError, NotFoundError

    try:
        return deed()
    except (NotFoundError, FileNotFoundError):
        raise FileNotFoundError from None
    except (BaseError, OSError) as error:
        raise StoreFault(Why.AWAY, type(error).__name__) from None
