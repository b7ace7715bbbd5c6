"""Mail addresses: what a Japanese carrier issued is accepted, what could reach into a mail's headers never is.

Specification §2 and the table "dependencies": for carriers' domains the local part may hold dots anywhere, which
RFC 5321 forbids (``a..b.@docomo.ne.jp``), and nothing else that is special; for all others email-validator says.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from email_validator import EmailNotValidError, validate_email

from mypage.domain.characters import DASHES, INVISIBLE

LONGEST: Final = 254
_LONGEST_LOCAL: Final = 64

_CARRIERS: Final = frozenset(
    """
    docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp i.softbank.jp softbank.jp vodafone.ne.jp disney.ne.jp
    disneymobile.ne.jp ymobile.ne.jp y-mobile.ne.jp ymobile1.ne.jp yahoo.ne.jp emnet.ne.jp emobile.ne.jp
    emobile-s.ne.jp willcom.com wcm.ne.jp pdx.ne.jp uqmobile.jp ido.ne.jp mopera.net mopera.ne.jp dwmail.jp
    sky.tkk.ne.jp sky.tkc.ne.jp sky.tu-ka.ne.jp rakumail.jp mineo.jp jp-c.ne.jp jp-d.ne.jp jp-h.ne.jp jp-k.ne.jp
    jp-n.ne.jp jp-q.ne.jp jp-r.ne.jp jp-s.ne.jp jp-t.ne.jp
    """.split()  # noqa: SIM905 - a list of forty words is read more easily so
)
# Domains to which a mistyped one is corrected: those of most addresses in Japan, long enough to be recognised.
LIKELY: Final = """
    gmail.com docomo.ne.jp ezweb.ne.jp yahoo.co.jp icloud.com softbank.ne.jp i.softbank.jp ymobile.ne.jp
    outlook.jp outlook.com hotmail.com hotmail.co.jp nifty.com biglobe.ne.jp plala.or.jp
    """.split()  # noqa: SIM905
# Real domains that lie close to a likely one: never questioned.
_REAL: Final = _CARRIERS.union(
    LIKELY,
    """
    mail.com email.com ymail.com gmx.com gmx.net googlemail.com yahoo.com yahoo.fr yahoo.de yahoo.in rocketmail.com
    yahoo.co.uk yahoo.co.in yahoo.co.kr yahoo.co.id yahoo.co.th yahoo.com.tw yahoo.com.br me.com mac.com aol.com
    aol.jp live.com live.jp msn.com hotmail.fr hotmail.de hotmail.it hotmail.es hotmail.co.uk outlook.fr outlook.de
    outlook.es outlook.it outlook.kr proton.me protonmail.com qq.com nifty.ne.jp ocn.ne.jp so-net.ne.jp
    dion.ne.jp zaq.ne.jp jcom.zaq.ne.jp jcom.home.ne.jp eonet.ne.jp ybb.ne.jp asahi-net.or.jp excite.co.jp
    infoseek.jp goo.jp mail.goo.ne.jp rakuten.jp tiki.ne.jp mail.ru mail.de mail.bg web.de
    """.split(),  # noqa: SIM905
)
# Mixtures of two names that no count of letters finds.
_MIXED: Final = {
    "gmail.co.jp": "gmail.com", "gmail.ne.jp": "gmail.com", "gmail.jp": "gmail.com", "g-mail.com": "gmail.com",
    "docomo.co.jp": "docomo.ne.jp", "docomo.com": "docomo.ne.jp", "docomo.jp": "docomo.ne.jp",
    "docomo.or.jp": "docomo.ne.jp", "ezweb.co.jp": "ezweb.ne.jp", "ezweb.jp": "ezweb.ne.jp",
    "ezweb.com": "ezweb.ne.jp", "ezweb.or.jp": "ezweb.ne.jp", "au.co.jp": "au.com", "au.ne.jp": "au.com",
    "yahoo.jp": "yahoo.co.jp", "yahoo.or.jp": "yahoo.co.jp", "icloud.jp": "icloud.com",
    "icloud.co.jp": "icloud.com", "icloud.ne.jp": "icloud.com", "i.softbank.ne.jp": "i.softbank.jp",
    "i.softbank.co.jp": "i.softbank.jp", "softbank.co.jp": "softbank.ne.jp", "softbank.com": "softbank.ne.jp",
    "ymobile.jp": "ymobile.ne.jp", "ymobile.co.jp": "ymobile.ne.jp", "hotmail.ne.jp": "hotmail.co.jp",
    "outlook.co.jp": "outlook.jp", "outlook.ne.jp": "outlook.jp",
}  # fmt: skip
_LONG_DOMAIN: Final = 10

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FORBIDDEN = re.compile('[",;:<>()\\[\\]\\\\]')
_CARRIER_LOCAL = re.compile(r"[A-Za-z0-9!#$%&*+/=?^_{|}~.-]+")
_AROUND_AT = re.compile(" *@ *")
_LONG_MARKS = re.compile(f"[{re.escape(DASHES)}]")


@dataclass(frozen=True, slots=True)
class ReadAddress:
    """``address`` is what is kept and shown in the form; ``problem`` the code of why no mail can go there, or None.

    Where ``problem`` is None, ``address`` is pure ASCII without white space, quotes, commas, ``<>``, CR or LF.
    """

    address: str
    problem: str | None


def read(typed: str) -> ReadAddress:
    """What a person typed as an address: full width converted, white space around it and around ``@`` taken away.

    Problems: ``email_empty``, ``email_too_long``, ``email_forbidden_character`` (control characters, quotes, commas,
    ``<>`` and the like), ``email_has_space``, ``email_no_at`` (not exactly one ``@``), ``email_local_part``,
    ``email_domain``.
    """
    if len(typed) > 2 * LONGEST:
        return ReadAddress(typed, "email_too_long")
    text = _folded(typed)
    problem = _problem(text)
    if problem is not None:
        return ReadAddress(text, problem)
    local, _, domain = text.partition("@")
    domain = domain.lower()
    ascii_domain = _validated(f"a@{domain}")
    if not local or len(local) > _LONGEST_LOCAL:
        return ReadAddress(text, "email_local_part")
    if ascii_domain is None:
        return ReadAddress(text, "email_domain")
    address = f"{local}@{ascii_domain.partition('@')[2]}"
    if is_carrier(domain):
        fits = _CARRIER_LOCAL.fullmatch(local) is not None and local.strip(".") != ""
    else:
        fits = _validated(address) is not None
    return ReadAddress(address, None if fits else "email_local_part")


def is_carrier(domain: str) -> bool:
    """Whether a domain (small letters) or one above it belongs to a carrier that issued addresses with any dots."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in _CARRIERS for start in range(len(labels)))


def typo_suggestion(address: str) -> str | None:
    """``address`` with the domain that was probably meant, None if there is nothing to ask (first-try B-03).

    Never for a domain that is known to be real. It is a question: nothing is refused for it.
    """
    local, at, typed = _folded(address[: 2 * LONGEST]).rpartition("@")
    domain = typed.lower().strip(".")
    if not at or not local or not domain or domain in _REAL or len(domain) > LONGEST:
        return None
    meant = _MIXED.get(domain)
    if meant is None and not is_carrier(domain):
        meant = _closest(domain)
    return f"{local}@{meant}" if meant else None


def _folded(typed: str) -> str:
    """Half-width; the signs that a Japanese keyboard puts in place of ``.`` and ``-`` only where they cannot count."""
    text = unicodedata.normalize("NFKC", typed).replace("。", ".")
    # Controls stay, so that they are seen and refused; what is invisible and harmless came with the paste.
    text = "".join(sign for sign in text if _CONTROL.match(sign) or not INVISIBLE.match(sign))
    text = _AROUND_AT.sub("@", text.strip(" \t"))
    local, at, domain = text.rpartition("@")
    return local + at + _LONG_MARKS.sub("-", domain).replace(" ", "")


def _problem(text: str) -> str | None:
    found = {
        "email_empty": not text,
        "email_too_long": len(text) > LONGEST,
        "email_forbidden_character": bool(_CONTROL.search(text) or _FORBIDDEN.search(text)),
        "email_has_space": any(sign.isspace() for sign in text),
        "email_no_at": text.count("@") != 1,
    }
    return next((code for code, so in found.items() if so), None)


def _validated(address: str) -> str | None:
    """The address in ASCII as email-validator knows it; None if it is none."""
    try:
        return validate_email(address, check_deliverability=False, allow_smtputf8=False).ascii_email
    except EmailNotValidError:
        return None


def _closest(domain: str) -> str | None:
    """The likely domain that one slip of a finger (two in a long one) makes of ``domain``; None if none or a tie."""
    reached: dict[int, list[str]] = {}
    for likely in LIKELY:
        slips = _slips(domain, likely)
        if slips <= (2 if len(likely) >= _LONG_DOMAIN and domain[0] == likely[0] else 1):
            reached.setdefault(slips, []).append(likely)
    nearest = reached[min(reached)] if reached else []
    return nearest[0] if len(nearest) == 1 else None


def _slips(a: str, b: str) -> int:
    """Letters added, left out, mistaken or swapped with their neighbour (optimal string alignment)."""
    if abs(len(a) - len(b)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, right in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
