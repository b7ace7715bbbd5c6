"""Where the file of a batch can be read: the command line's at its own path, a kept one put together in scratch."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from mypage.adapters.reading.unreadable import Unreadable
from mypage.domain.batch import WITHOUT_ERRORS, Kind
from mypage.domain.kept_file import FileState, KeptFile, PartLost, StoreFault, kept_id
from mypage.store import kept_files as store
from mypage.store.batches import Batch
from mypage.works.keeping import Keeper
from mypage.works.load.files import HandedFile
from mypage.works.load.scratch import folder as scratch_folder


@contextmanager
def opened(
    keeper: Keeper, batches: Sequence[Batch], scratch: Path | None, *, confirmed: bool | None = None
) -> Iterator[list[HandedFile]]:
    """The files of batches, as they were handed over, for as long as the block lasts.

    ``confirmed``: None takes what whoever handed them over confirmed. Raises :class:`Unreadable` where a kept one is
    deleted or lost, and :class:`StoreFault` where its store is away.
    """
    with scratch_folder(scratch) as folder:
        yield [_handed(keeper, batch, folder / str(place), confirmed) for place, batch in enumerate(batches)]


def put_together(keeper: Keeper, file: KeptFile, path: Path) -> None:
    """The bytes of a kept file at ``path``. Raises as :func:`opened` does."""
    if file.state is not FileState.WHOLE:
        raise Unreadable("kept_file_deleted")
    try:
        keeper.put_together(file, path)
    except PartLost:
        raise Unreadable("kept_file_lost") from None


def refusable(error: Unreadable | StoreFault) -> tuple[str, Mapping[str, str]]:
    """Code and facts of why the file of a batch cannot be read."""
    return (error.code, error.facts) if isinstance(error, Unreadable) else ("kept_file_away", {})


def _handed(keeper: Keeper, batch: Batch, path: Path, confirmed: bool | None) -> HandedFile:
    file_id = kept_id(batch.source)
    file = None
    if file_id is not None:
        with keeper.database.reading() as connection:
            file = store.get(connection, file_id)
        if file is None:
            raise Unreadable("kept_file_deleted")
        put_together(keeper, file, path)
    forced = batch.options.get("kind")
    return HandedFile(
        Path(batch.source) if file is None else path,
        None if forced is None else Kind(forced),
        batch.options.get("encoding"),
        bool(batch.options.get("snapshot")),
        confirmed=(file is not None and file.confirmed) if confirmed is None else confirmed,
        without_errors=bool(batch.options.get(WITHOUT_ERRORS)),
        name=batch.filename,
        source=batch.source,
    )
