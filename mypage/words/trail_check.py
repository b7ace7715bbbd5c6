"""What a check of the trail found, in sentences: which row, since when, and what to do."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from mypage.domain.trail_check import Fault, Finding
from mypage.words.trail import moment, title

# {where}: the row or rows; {what}: what the row tells, and when it was written; {since}: until when all was well.
SENTENCES: Final[Mapping[str, str]] = {
    "trail_check.changed": "{where}の中身が、書かれたあとで変えられています{what}。",
    "trail_check.moved": "{where}は、もとは第{was}行でした。順番が入れ替えられています{what}。",
    "trail_check.inserted": "{before}のところに、あとから行が差し込まれています。{where}は、もとは第{was}行からでした。",
    "trail_check.inserted_first": "第1行より前に、{where}が差し込まれています。",
    "trail_check.removed": "{where}がありません。取り除かれています。",
    "trail_check.renumbered": "{where}の手前で行が取り除かれ、番号が詰められています。{where}は、もとは第{was}行からでした。",
    "trail_check.broken_link": (
        "{where}は、その前の行のあとに書かれたものではありません。第{previous}行が作り直されたか、間の行が入れ替えられています{what}。"
    ),
    "trail_check.detail_changed": "{where}の詳しい内容が、書かれたあとで変えられています{what}。",
    "trail_check.detail_forged": "{where}に、もともとなかった詳しい内容が足されています{what}。",
    "trail_check.detail_removed": "{where}の詳しい内容が、保存期間の途中で消されています{what}。",
    "trail_check.detail_removed_count": (
        "詳しい内容が {name} 件、操作履歴に記録のないまま消されています（保存期間を過ぎた行のうちのどれかです）。"
    ),
    "trail_check.detail_alone": "{where}（つながり「{name}」）の詳しい内容だけがあり、その行がありません。",
    "trail_check.cut": "末尾の{where}がありません。署名された控えには記録されています。",
    "trail_check.rewritten": (
        "{where}のどこかから先が作り直されています。行どうしのつながりは合っていますが、署名された控えと合いません。"
    ),
    "trail_check.head_forged": "第{seq}行の控え（{at}）の署名が正しくありません。控えのファイルが書き換えられています。",
    "trail_check.other_chain": "「{name}」という別のつながりに、第{seq}行があります。MyPageが書いたものではありません。",
    "trail_check.guard_missing": (
        "書き換えを止めるトリガー {name} がないか、止められているか、別のものに替えられています。"
    ),
    "trail_check.guard_strange": (
        "操作履歴の表に、MyPageのものではないトリガーかルール {name} があります。行が書かれるのを止めているおそれがあります。"
    ),
    "trail_check.since_row": "変えられたのは、{since} より後です。",
    "trail_check.since_head": "{since} の控えの時点では、まだもとのままでした。変えられたのは、それより後です。",
    "trail_check.more": "同じことが、ほかに {count} か所あります。",
    "trail_check.do": (
        "データベースと控えのファイルを、直さずにこのまま保存してください（コピーを取り、書き込みを止める）。"
        "直前までのバックアップの同じ行と比べると、もとの中身が分かります。監査担当と、システムの責任者へ知らせてください。"
    ),
    "trail_check.do_guard": (
        "いつ、だれが外したかを確かめてから、`mypage db upgrade` を実行してください。トリガーが元どおりになります。"
    ),
    "trail_check.do_strange": "いつ、だれが加えたかを確かめてから、データベースの持ち主として取り除いてください。",
    "trail_check.do_restored": (
        "バックアップから戻した直後であれば、控えのほうが新しいのは当然です。控えのファイルを別の名前にして保存し、"
        "戻したことを書き添えてください。次の控えから新しいファイルになります。"
    ),
    "trail_check.whole": "操作履歴は、書かれたままです。{rows} 行（{first} から {last} まで）を確かめました。",
    "trail_check.empty": "操作履歴は、まだ1行もありません。",
    "trail_check.broken": "操作履歴に、書かれたままではないところがあります。{rows} 行を確かめました。",
    "trail_check.details": "詳しい内容: {details} 件あり、{purged} 件は保存期間を過ぎて消されています。",
    "trail_check.heads": "署名された控え: {count} 件のうち {good} 件が合いました（最新 {newest}）。",
    "trail_check.no_heads": (
        "署名された控えと比べていません。末尾の行が取り除かれたり、全体が作り直されたりしても分かりません。"
        "MYPAGE_AUDIT_HEAD_FILE を設定するか、--head FILE で控えのファイルを指定してください。"
    ),
    "trail_check.no_good_head": (
        "控えのファイルに、今の鍵（MYPAGE_SECRET_KEYS）で署名を確かめられる控えがありません。"
        "末尾が取り除かれていないとは言えません。署名したときの鍵を加えて、もう一度確かめてください。"
    ),
    "trail_check.unknown_keys": (
        "{count} 件の控えは、MYPAGE_SECRET_KEYS にない鍵で署名されています。中身は比べましたが、署名は確かめられません。"
    ),
    "trail_check.unreadable": "控えのファイルの {count} 行は、読めませんでした（書いている途中で止まった行など）。",
    "trail_check.heads_stopped": "最新の控えは {newest} のものです。`mypage worker` が動いているか確かめてください。",
    "trail_check.unread_file": "「{file}」を開けません（{why}）。場所を確かめて、もう一度実行してください。",
}

_WITH_HEAD: Final = (Fault.CUT, Fault.REWRITTEN)
_GUARDS: Final = frozenset((Fault.GUARD_MISSING, Fault.GUARD_STRANGE))
_NO_SINCE: Final = (*_GUARDS, Fault.OTHER_CHAIN, Fault.HEAD_FORGED, Fault.DETAIL_ALONE)


def say(code: str, **facts: object) -> str:
    """The sentence of that code."""
    return SENTENCES[f"trail_check.{code}"].format(**facts)


def found(finding: Finding) -> str:
    """What was found: which row, and since when."""
    where = (
        f"第{finding.seq:,}行"
        if finding.seq == finding.last
        else f"第{finding.seq:,}行から第{finding.last:,}行まで"
    )
    what = f"（{_when(finding.at)} の「{title(finding.action or '')}」）" if finding.at else ""
    said = say(
        _code(finding),
        where=where,
        what=what,
        was=f"{finding.seq - finding.shift:,}",
        before=f"第{finding.seq - finding.shift:,}行",
        previous=f"{finding.seq - 1:,}",
        seq=f"{finding.seq:,}",
        at=_when(finding.at) if finding.at else "",
        name=finding.name,
    )
    if finding.since is None or finding.fault in _NO_SINCE:
        return said
    code = "since_head" if finding.fault in _WITH_HEAD else "since_row"
    return said + say(code, since=_when(finding.since))


def to_do(findings: list[Finding]) -> list[str]:
    """What to do about them, each once."""
    faults = {finding.fault for finding in findings}
    said = []
    if faults - _GUARDS:
        said.append(say("do"))
    if Fault.GUARD_MISSING in faults:
        said.append(say("do_guard"))
    if Fault.GUARD_STRANGE in faults:
        said.append(say("do_strange"))
    if faults & set(_WITH_HEAD):
        said.append(say("do_restored"))
    return said


def _code(finding: Finding) -> str:
    if finding.fault is Fault.INSERTED and not finding.shift:
        return "inserted_first"
    if finding.fault is Fault.DETAIL_REMOVED and finding.name:
        return "detail_removed_count"
    return finding.fault.value


def _when(at: str) -> str:
    try:
        return moment(datetime.fromisoformat(at))
    except ValueError:
        return at  # of a row that was changed anything may stand there
