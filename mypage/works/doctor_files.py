"""Examine where handed-over files are kept: whether a part can be written, read and deleted, and whether it is sealed."""

from collections.abc import Iterator
from typing import Final

from mypage.config.settings import Settings
from mypage.domain.kept_file import PartLost, StoreFault, Why
from mypage.store import kept_files as store
from mypage.store.engine import Database
from mypage.works.finding import Finding, Level
from mypage.works.keeping import Keeper

_SUBJECT: Final = "渡されたファイル"
_PLACES: Final = {
    "database": "データベース",
    "disk": "MYPAGE_FILES_FOLDER のフォルダー",
    "s3": "MYPAGE_FILES_BUCKET のストレージ",
}


def examine(settings: Settings, database: Database) -> Iterator[Finding]:
    """What is to be done so that files can be handed over, and read by nobody else."""
    keeper = Keeper(settings, database)
    wrong = list(_places(settings, keeper))
    yield from wrong or (Finding(Level.WELL, _SUBJECT),)
    if not settings.file_keys and not settings.demo:
        yield Finding(
            Level.NOTE,
            _SUBJECT,
            "渡されたファイルは、暗号化されずに置かれます。32文字以上の鍵を作り、置き場所とは別に保管して、MYPAGE_FILE_KEYS に設定してください。",
        )


def _places(settings: Settings, keeper: Keeper) -> Iterator[Finding]:
    try:
        keeper.tried()
    except StoreFault as fault:
        what = "いっぱいです" if fault.why is Why.FULL else "書けません"
        yield Finding(
            Level.WRONG, _SUBJECT, f"{_PLACES[settings.files]}に{what}。置き場所と権限を確かめてください。"
        )
    except PartLost:
        yield Finding(
            Level.WRONG,
            _SUBJECT,
            f"{_PLACES[settings.files]}に書いたものを読み戻せません。置き場所を確かめてください。",
        )
    with keeper.database.reading() as connection:
        elsewhere = {
            place: many for place, many in store.by_store(connection).items() if place != settings.files
        }
    for place, many in elsewhere.items():
        try:
            keeper.store(place)
        except StoreFault:
            yield Finding(
                Level.WRONG,
                _SUBJECT,
                f"{many}個のファイルが{_PLACES[place]}にありますが、その設定がありません。消える日まで、前の設定を残してください。",
            )
