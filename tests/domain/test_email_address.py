"""Mail addresses: what is accepted, what never is, and likely typing errors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain import email_address
from mypage.domain.email_address import is_carrier, read, typo_suggestion


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("taro@example.jp", "taro@example.jp"),
        ("Taro.Y+bill@Example.JP", "Taro.Y+bill@example.jp"),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ", "taro@example.jp"),
        ("taro＠example。jp", "taro@example.jp"),
        (" taro@example.jp　", "taro@example.jp"),
        ("taro @ example.jp", "taro@example.jp"),
        ("taro@example. jp", "taro@example.jp"),
        ("taro\u200b@example.jp\ufeff", "taro@example.jp"),
        ("taro@so－net．ne．jp", "taro@so-net.ne.jp"),
        ("taro@yーmobile.ne.jp", "taro@y-mobile.ne.jp"),
        ("taro@日本語.jp", "taro@xn--wgv71a119e.jp"),
        ("o'neil@example.jp", "o'neil@example.jp"),
        ("a..b.@docomo.ne.jp", "a..b.@docomo.ne.jp"),
        (".a@docomo.ne.jp", ".a@docomo.ne.jp"),
        ("a...b..@EZWEB.ne.jp", "a...b..@ezweb.ne.jp"),
        ("a.@t.vodafone.ne.jp", "a.@t.vodafone.ne.jp"),
        ("-a/b?c_d.@softbank.ne.jp", "-a/b?c_d.@softbank.ne.jp"),
    ],
)
def test_accepted(typed: str, address: str) -> None:
    found = read(typed)
    assert (found.address, found.problem) == (address, None)
    assert read(address) == found


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "email_empty"),
        ("　", "email_empty"),
        ("a" * 600, "email_too_long"),
        ("a" * 64 + "@" + "b" * 190 + ".jp", "email_too_long"),
        ("a" * 65 + "@docomo.ne.jp", "email_local_part"),
        ("a" * 65 + "@example.jp", "email_local_part"),
        ("a@b.jp\r\nBcc: c@d.jp", "email_forbidden_character"),
        ("a@docomo.ne.jp\n", "email_forbidden_character"),
        ("a\x00@docomo.ne.jp", "email_forbidden_character"),
        ("a\u2028@docomo.ne.jp", "email_forbidden_character"),
        ('"a..b"@docomo.ne.jp', "email_forbidden_character"),
        ("a,b@docomo.ne.jp", "email_forbidden_character"),
        ("<a@docomo.ne.jp>", "email_forbidden_character"),
        ("a@docomo.ne.jp,b@docomo.ne.jp", "email_forbidden_character"),
        ("a@[127.0.0.1]", "email_forbidden_character"),
        ("a b@docomo.ne.jp", "email_has_space"),
        ("taro yamada@example.jp", "email_has_space"),
        ("taro", "email_no_at"),
        ("a@b@c.jp", "email_no_at"),
        ("@docomo.ne.jp", "email_local_part"),
        ("...@docomo.ne.jp", "email_local_part"),
        ("たろう@docomo.ne.jp", "email_local_part"),
        ("たろう@example.jp", "email_local_part"),
        ("a..b@example.jp", "email_local_part"),
        ("a.@gmail.com", "email_local_part"),
        ("a@", "email_domain"),
        ("@", "email_local_part"),
        ("a@localhost", "email_domain"),
        ("a@example", "email_domain"),
        ("a@-example.jp", "email_domain"),
        ("a@example..jp", "email_domain"),
        ("a@exa_mple.jp", "email_domain"),
        ("a@.docomo.ne.jp", "email_domain"),
    ],
)
def test_refused_with_its_reason(typed: str, problem: str) -> None:
    assert read(typed).problem == problem


@pytest.mark.parametrize(("domain", "so"), [("docomo.ne.jp", True), ("t.vodafone.ne.jp", True), ("xdocomo.ne.jp", False),
                                            ("gmail.com", False), ("docomo.ne.jp.example.jp", False), ("", False)])  # fmt: skip
def test_carriers(domain: str, so: bool) -> None:
    assert is_carrier(domain) is so


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("gmial.com", "gmail.com"), ("gamil.com", "gmail.com"), ("gmai.com", "gmail.com"), ("gmail.con", "gmail.com"),
        ("gmail.co", "gmail.com"), ("gmaill.com", "gmail.com"), ("gnail.com", "gmail.com"), ("gmail.co.jp", "gmail.com"),
        ("GMIAL.COM", "gmail.com"), ("docomo.ne.jo", "docomo.ne.jp"), ("dokomo.ne.jp", "docomo.ne.jp"),
        ("docomo.nejp", "docomo.ne.jp"), ("docomo.co.jp", "docomo.ne.jp"), ("docmo.ne.jp", "docomo.ne.jp"),
        ("ezwev.ne.jp", "ezweb.ne.jp"), ("ezweb.ne.jpp", "ezweb.ne.jp"), ("yaho.co.jp", "yahoo.co.jp"),
        ("yahooo.co.jp", "yahoo.co.jp"), ("yahoo.co.jo", "yahoo.co.jp"), ("icloud.con", "icloud.com"),
        ("iclould.com", "icloud.com"), ("icoud.com", "icloud.com"), ("i.softbank.ne.jp", "i.softbank.jp"),
        ("sotfbank.ne.jp", "softbank.ne.jp"), ("outlok.jp", "outlook.jp"), ("hotmial.com", "hotmail.com"),
        ("au.co.jp", "au.com"), ("ｇｍｉａｌ．ｃｏｍ", "gmail.com"),
    ],
)  # fmt: skip
def test_a_likely_typing_error_is_asked_about(domain: str, meant: str) -> None:
    assert typo_suggestion(f"taro@{domain}") == f"taro@{meant}"


@pytest.mark.parametrize(
    "address",
    [*(f"a@{domain}" for domain in sorted(email_address._REAL)), "a@example.jp", "a@e-omi.ne.jp", "a@t.vodafone.ne.jp",
     "a@xgmai.com", "a@outlook.o", "", "a", "@gmial.com", "a@", "a@.", "a@" + "x" * 300],
)  # fmt: skip
def test_nothing_to_ask(address: str) -> None:
    assert typo_suggestion(address) is None


def test_every_mixture_leads_to_a_real_domain() -> None:
    assert set(email_address._MIXED.values()) <= email_address._REAL
    assert not email_address._MIXED.keys() & email_address._REAL


@given(
    st.text() | st.text("ab.@ ,\"<>\r\n'docmne.jpＡ＠ー"),
    st.sampled_from(["", "@docomo.ne.jp", "@example.jp", "@gmial.com"]),
)
def test_no_text_breaks_it_and_nothing_dangerous_passes(text: str, ending: str) -> None:
    found = read(text + ending)
    typo_suggestion(text + ending)
    if found.problem is None:
        assert found.address.isascii()
        assert found.address.isprintable()
        assert found.address.count("@") == 1
        assert not set(found.address) & set(' \r\n",<>;:()[]\\')
        assert read(found.address) == found


@given(
    st.from_regex(r"[a-z0-9._-]*[a-z0-9][a-z0-9._-]*", fullmatch=True).filter(lambda local: len(local) <= 64)
)
def test_whatever_dots_a_carrier_gave_out(local: str) -> None:
    assert read(f"{local}@docomo.ne.jp").problem is None
