"""Corporate forms in a company's kana name: 株式会社, カブシキガイシャ, ㈱, the bank's カ) — folded away.

Specification §3: at either end or left out, as words or as the bank's abbreviation. The abbreviations are
those of the Japanese Bankers Association for bank transfers. A single kana counts only beside a bracket:
イ, ユ and シ are family names as well (李, 柳, 施).
"""

import re
from collections.abc import Iterable
from typing import Final

# Kana (small ones already large): 株式 有限 合名 合資 合同 医療 財団 社団 宗教 学校 社会福祉 更生保護 相互
# 特定非営利 独立行政 地方独立行政 中期目標管理 国立研究開発 行政執行 弁護士 中間 行政書士 司法書士 税理士
# 国立大学 農事組合 管理組合 社会保険労務士
_ABBREVIATIONS: Final = """
カ カブ ユ ユウ メ シ ド イ ザイ シヤ シユウ ガク フク ホゴ ソ トクヒ ドク チドク モク ケン シツ ベン チユウ ギヨ
シホウ ゼイ ダイ ノウ カンリ ロウム
株 有 名 資 同 合 医 財 社 宗 学 福 相 特非 独 一社 一財 公社 公財 弁 税 農
"""
_COMPANIES: Final = "カブシキ ユウゲン ゴウドウ ゴウシ ゴウメイ ソウゴ 株式 有限 合同 合資 合名 相互"
_COMPANY: Final = "ガイシヤ カイシヤ 会社 會社"
_JURIDICAL: Final = """
イツパンシヤダン イツパンザイダン コウエキシヤダン コウエキザイダン シヤダン ザイダン シヤカイイリヨウ
トクテイイリヨウ イリヨウ ガツコウ ジユンガツコウ シユウキヨウ シヤカイフクシ コウセイホゴ ドクリツギヨウセイ
チホウドクリツギヨウセイ コクリツケンキユウカイハツ コクリツダイガク コウリツダイガク ベンゴシ ゼイリシ
ギヨウセイシヨシ シホウシヨシ シヤカイホケンロウムシ カンリクミアイ ノウジクミアイ トウシ
ユウゲンセキニンチユウカン チユウカン トクテイヒエイリカツドウ ニンテイトクテイヒエイリカツドウ
エヌピーオー ニンテイエヌピーオー npo ニンテイnpo 認定npo
一般社団 一般財団 公益社団 公益財団 社団 財団 社会医療 特定医療 医療 学校 準学校 宗教
社会福祉 更生保護 独立行政 地方独立行政 国立研究開発 国立大学 公立大学 弁護士 税理士 行政書士 司法書士 社会保険労務士
管理組合 農事組合 投資 有限責任中間 中間 特定非営利活動 認定特定非営利活動
"""
_JURIDICAL_PERSON: Final = "ホウジン 法人"
_MEDICAL: Final = "イリヨウホウジンシヤダン イリヨウホウジンザイダン 医療法人社団 医療法人財団"
_FORMS: Final = [
    *(kind + company for kind in _COMPANIES.split() for company in _COMPANY.split()),
    *(kind + person for kind in _JURIDICAL.split() for person in _JURIDICAL_PERSON.split()),
    *_MEDICAL.split(),
]


def _any_of(forms: Iterable[str]) -> str:
    """Longest first; a space may stand anywhere inside (カブシキ ガイシャ)."""
    longest_first = sorted(set(forms), key=lambda form: (-len(form), form))
    return "(?:" + "|".join(" ?".join(form) for form in longest_first) + ")"


_BRACKETED = _any_of(_ABBREVIATIONS.split())
_AT_START = re.compile(rf"^ ?\(? ?{_BRACKETED} ?\) ?")
_INSIDE = re.compile(rf" ?\( ?{_BRACKETED} ?\) ?")
_AT_END = re.compile(rf" ?\( ?{_BRACKETED} ?\)? ?$")
_FORM_AT_START = re.compile(rf"^{_any_of(_FORMS)}")
_FORM_AT_END = re.compile(rf"{_any_of(_FORMS)}$")
_HINT = re.compile("[()社人]|イ ?シ ?ヤ|ウ ?ジ ?ン")


def may_stand_in(text: str) -> bool:
    """Whether it is worth looking closer; cheap, for a million names."""
    return _HINT.search(text) is not None


def without(text: str) -> str:
    """``text`` (folded: large katakana, half-width signs) without its corporate forms, single spaces left."""
    text = " ".join(text.split())
    if "(" in text or ")" in text:
        text = _AT_END.sub("", _INSIDE.sub(" ", _AT_START.sub("", text)))
        text = " ".join(text.replace("(", " ").replace(")", " ").split())
    while True:
        shorter = _FORM_AT_END.sub("", _FORM_AT_START.sub("", text, count=1).strip(), count=1).strip()
        if shorter == text:
            return text
        text = shorter
