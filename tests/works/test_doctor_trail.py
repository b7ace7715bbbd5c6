"""What the doctor says of the heads of the trail."""

from datetime import timedelta
from pathlib import Path

from mypage.config.load import load
from mypage.store.engine import Database
from mypage.works.doctor_trail import examine
from mypage.works.finding import Level
from mypage.works.trail_head import HeadWriter
from tests.portal import environment
from tests.tampering import NOW, record, rewrite

_HOUR = timedelta(hours=1)


def test_heads_that_fit_stop_or_do_not_fit(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "heads"
    settings = load(environment("sqlite:///unused", audit_head_file=str(file)))

    def said(hours: float) -> tuple[Level, str]:
        finding = list(examine(settings, database, NOW + hours * _HOUR))[-1]
        assert finding.part == "操作履歴の控え"
        return finding.level, finding.sentence

    record(database, 3)
    level, sentence = said(0)
    assert level is Level.WRONG
    assert "控えはまだありません" in sentence
    HeadWriter(settings, database).round(NOW)
    assert said(1) == (Level.WELL, "")
    level, sentence = said(4)
    assert level is Level.WRONG
    assert "`mypage worker` が動いているか" in sentence
    rewrite(database, 2, actor="nobody")
    level, sentence = said(1)
    assert level is Level.WRONG
    assert "最後の控えが履歴と合いません" in sentence
    file.unlink()
    file.mkdir()
    level, sentence = said(1)
    assert level is Level.WRONG
    assert "読めません" in sentence
