"""Every text for people exists in English, with the same placeholders; nothing stale is kept."""

import re
import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"\{(\w*)\}")


def test_the_english_catalogue_is_complete_and_holds_nothing_stale() -> None:
    said = subprocess.run(
        [sys.executable, ROOT / "script" / "messages"], capture_output=True, text=True, check=False
    )
    assert (said.stdout, said.returncode) == ("", 0)


def test_translations_keep_the_placeholders_and_leave_no_japanese() -> None:
    with (ROOT / "mypage/words/locale/en.po").open("rb") as file:
        messages = [message for message in read_po(file, locale="en") if message.id]
    assert len(messages) > 100
    for message in messages:
        source, said = str(message.id), str(message.string)
        assert set(PLACEHOLDER.findall(source)) == set(PLACEHOLDER.findall(said)), source
        quoted = re.sub(r"「[^」]*」|\[[^\]]*\]|（[^）]*）|\([^)]*\)|\"[^\"]*\"|“[^”]*”", "", said)
        assert source in ("日本語",) or not re.search(r"[ぁ-んァ-ヶ]", quoted), said
