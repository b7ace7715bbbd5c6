"""``mypage audit verify``: every row, detail and signed head of the trail is as it was written, or where it is not."""

import json
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from mypage.adapters import head_file
from mypage.adapters.clock import Clock
from mypage.adapters.head_keys import HeadKeys
from mypage.command import open_database, settings
from mypage.config.settings import Settings
from mypage.domain.trail_head import MISSED_AFTER
from mypage.words import trail_check as words
from mypage.words.trail import moment
from mypage.words.trail_check import say
from mypage.works.trail_check import Checked, Heads, check, judged

_TOLD_EVERY: Final = 0.2


@click.command("verify")
@click.option(
    "--head",
    "head",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="署名された控えのファイル（ふつうは MYPAGE_AUDIT_HEAD_FILE。ワーカーのログでもよい）"
    " / file of signed heads (MYPAGE_AUDIT_HEAD_FILE as a rule; the worker's log will do)",
)
@click.option("--json", "as_json", is_flag=True, help="機械向けの出力 / for machines")
def verify_command(head: Path | None, as_json: bool) -> None:
    """操作履歴が書かれたままかを確かめる / Whether the trail is as it was written.

    終了状態は、書かれたままなら0、そうでなければ1、確かめられなければ2です。
    Exit status 0: it is; 1: it is not; 2: it could not be checked.
    """
    found = settings()
    heads = _heads(found, head)
    progress = _Progress()
    with open_database(found.database_url) as database:
        checked = check(database, heads or Heads(), progress)
    progress.end()
    lines = list(_lines(checked, heads, Clock(found.clock_file).now()))
    proves_nothing = heads is not None and heads.newest_at is None
    if as_json:
        click.echo(json.dumps(_as_json(checked, heads, lines), ensure_ascii=False, indent=2))
    else:
        for line in lines:
            click.echo(line)
    sys.exit(1 if not checked.is_whole or proves_nothing else 0)


def _heads(found: Settings, asked: Path | None) -> Heads | None:
    """The heads to hold the chain against; None where none are known of."""
    file = asked or found.audit_head_file
    if file is None or (asked is None and not file.exists()):
        return None
    try:
        return judged(head_file.heads(file), HeadKeys(found.secret_keys))
    except OSError as error:
        click.echo(say("unread_file", file=file, why=error.strerror), err=True)
        sys.exit(2)


def _lines(checked: Checked, heads: Heads | None, now: datetime) -> Iterator[str]:
    if not checked.is_whole:
        yield say("broken", rows=f"{checked.rows:,}")
    elif checked.first_at and checked.last_at:
        first, last = (moment(datetime.fromisoformat(at)) for at in (checked.first_at, checked.last_at))
        yield say("whole", rows=f"{checked.rows:,}", first=first, last=last)
    else:
        yield say("empty")
    for finding in checked.findings:
        yield f"  NG {words.found(finding)}"
    if more := sum(checked.more.values()):
        yield f"  NG {say('more', count=f'{more:,}')}"
    for line in words.to_do(list(checked.findings)):
        yield f"  → {line}"
    yield say("details", details=f"{checked.details:,}", purged=f"{checked.purged:,}")
    yield from _head_lines(checked, heads, now)


def _head_lines(checked: Checked, heads: Heads | None, now: datetime) -> Iterator[str]:
    if heads is None:
        yield f"注意 {say('no_heads')}"
        return
    newest = moment(datetime.fromisoformat(heads.newest_at)) if heads.newest_at else "－"
    yield say("heads", count=f"{heads.count:,}", good=f"{checked.good_heads:,}", newest=newest)
    if heads.unknown:
        yield f"注意 {say('unknown_keys', count=f'{heads.unknown:,}')}"
    if heads.unreadable:
        yield f"注意 {say('unreadable', count=f'{heads.unreadable:,}')}"
    if heads.newest_at is None:
        yield f"NG {say('no_good_head')}"
    elif now - datetime.fromisoformat(heads.newest_at) > MISSED_AFTER:
        yield f"注意 {say('heads_stopped', newest=newest)}"


def _as_json(checked: Checked, heads: Heads | None, lines: list[str]) -> dict[str, Any]:
    return {
        "whole": checked.is_whole,
        "rows": checked.rows,
        "last": {"seq": checked.last_seq, "hash": checked.last_hash, "at": checked.last_at},
        "details": {"kept": checked.details, "purged": checked.purged},
        "heads": None
        if heads is None
        else {
            "count": heads.count,
            "good": checked.good_heads,
            "forged": len(heads.forged),
            "unknown_key": heads.unknown,
            "unreadable": heads.unreadable,
            "newest_at": heads.newest_at,
        },
        "findings": [
            {
                "fault": finding.fault.value,
                "seq": finding.seq,
                "last": finding.last,
                "at": finding.at,
                "action": finding.action,
                "since": finding.since,
                "name": finding.name or None,
                "message": words.found(finding),
            }
            for finding in checked.findings
        ],
        "more": {fault.value: count for fault, count in checked.more.items()},
        "told": lines,
    }


class _Progress:
    """How far it is, on a terminal; nothing elsewhere."""

    def __init__(self) -> None:
        self._is_shown, self._told, self._began = sys.stderr.isatty(), 0.0, time.monotonic()

    def __call__(self, rows: int, whole: int) -> None:
        now = time.monotonic()
        if self._is_shown and now - self._told > _TOLD_EVERY:
            self._told = now
            share = f"{min(rows / whole, 1):4.0%} " if whole else ""
            sys.stderr.write(f"\r\x1b[K{share}{rows:,}行 {rows / (now - self._began):,.0f}行/秒")
            sys.stderr.flush()

    def end(self) -> None:
        if self._is_shown and self._told:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
