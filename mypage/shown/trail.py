"""Rows of the trail in words: for the console, for files and for the command line."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mypage.domain.api_token import actor as token_actor
from mypage.domain.spreadsheet import kept_text
from mypage.domain.trail_search import TrailRow
from mypage.words import trail as words
from mypage.words.trail import STAFF_FACTS

HEADINGS: Final = (
    "番号",
    "日時",
    "だれが",
    "したこと",
    "内容",
    "お客様番号",
    "アカウントの番号",
    "取込の番号",
    "詳しい内容",
    "照合の値",
)
_ROWS_AT_ONCE: Final = 500
_FOR_MACHINES: Final = frozenset(
    ("call_id", "epoch", "message_id", "pub_seq", "registration_id", "request_id", "sha256", "view_id")
)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row as people read it. ``facts``: names and values; ``who_filter``: the actor, to ask for the same.

    ``brief``: the facts for a list, without those that only machines compare.
    """

    seq: int
    at: str
    who: str
    who_filter: str
    title: str
    facts: tuple[tuple[str, str], ...]
    customer_key: str | None
    account_id: str | None
    batch_id: int | None
    detail: str
    keeps_detail: bool
    hash: str

    brief: str

    @property
    def line(self) -> str:
        """The facts in one line."""
        return "、".join(f"{name}：{value}" for name, value in self.facts)


def row(found: TrailRow, names: Mapping[str, str]) -> ShownRow:
    """A row in words; ``names`` of members of staff by their ids."""
    facts = tuple(_told(found.facts, names))
    return ShownRow(
        found.seq,
        words.moment(found.at),
        who(found.actor, names),
        found.actor,
        words.title(found.action),
        facts,
        found.customer_key,
        found.account_id,
        found.batch_id,
        _detail(found),
        found.keeps_detail,
        found.hash,
        "、".join(f"{name}：{value}" for name, value in _told(found.facts, names, brief=True)),
    )


def _told(
    facts: Mapping[str, Any], names: Mapping[str, str], *, brief: bool = False
) -> Iterator[tuple[str, str]]:
    """Facts in words; ``brief``: without those that are empty or that only machines compare."""
    for name, value in facts.items():
        if not brief or (name not in _FOR_MACHINES and value not in (None, [], "")):
            yield words.fact(name, _named(name, value, names))


def who(actor: str, names: Mapping[str, str]) -> str:
    """Who did it: a member of staff by name, everybody else by what they are."""
    kind, _, given = actor.partition(":")
    if kind == "staff":
        return names.get(given, f"スタッフ（{given}）")
    said = words.actor_kind(actor)
    if actor in names:
        return f"{said}「{names[actor]}」"
    return f"{said}（{given[:8]}）" if given else said


def detail(found: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """A detail, name by name."""
    return tuple((words.detail_name(name), _plain(value)) for name, value in found.items())


def as_csv(rows: Iterable[tuple[TrailRow, Mapping[str, str]]]) -> Iterator[bytes]:
    """A file for Excel in pieces: UTF-8 with the mark that it needs, CRLF, nothing that it would run."""
    written = io.StringIO(newline="")
    out = csv.writer(written)
    written.write("\ufeff")
    out.writerow(HEADINGS)
    for number, (found, names) in enumerate(rows, 1):
        out.writerow(_cells(row(found, names)))
        if not number % _ROWS_AT_ONCE:
            yield _taken(written)
    yield _taken(written)


def as_json(found: TrailRow, names: Mapping[str, str]) -> dict[str, Any]:
    """A row for machines: codes and words."""
    shown = row(found, names)
    return {
        "seq": found.seq,
        "at": found.at.isoformat().replace("+00:00", "Z"),
        "actor": found.actor,
        "who": shown.who,
        "action": found.action,
        "title": shown.title,
        "customer": found.customer_key,
        "account": found.account_id,
        "batch": found.batch_id,
        "facts": dict(found.facts),
        "hash": found.hash,
    }


def _cells(shown: ShownRow) -> list[str]:
    cells = (
        shown.who,
        shown.title,
        shown.line,
        shown.customer_key or "",
        shown.account_id or "",
        "" if shown.batch_id is None else str(shown.batch_id),
        shown.detail,
        shown.hash,
    )
    return [str(shown.seq), shown.at, *map(kept_text, cells)]


def _detail(found: TrailRow) -> str:
    if not found.has_detail:
        return ""
    return "あり" if found.keeps_detail else "保存期間を過ぎて消去"


def _named(name: str, value: object, names: Mapping[str, str]) -> object:
    """Members of staff and tokens by their names, in a fact that says who or which."""
    if name == "token_id":
        return names.get(token_actor(str(value)), value)
    if name not in STAFF_FACTS or value is None:
        return value
    if isinstance(value, list):
        return [_name(each, names) for each in value]
    return _name(value, names)


def _name(value: object, names: Mapping[str, str]) -> str:
    return names.get(str(value).removeprefix("staff:"), str(value))


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return "、".join(f"{words.detail_name(name)}：{_plain(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "、".join(map(_plain, value))
    return "なし" if value is None else str(value)


def _taken(written: io.StringIO) -> bytes:
    piece = written.getvalue().encode("utf-8", "replace")
    written.seek(0)
    written.truncate()
    return piece
