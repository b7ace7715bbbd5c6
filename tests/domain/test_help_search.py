"""Folding, codes and ranking of the help's search. The phrases of real people: ``tests/shown/test_help_phrases.py``."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain.help_search import LONGEST, Entry, Index, code_of, code_within, folded

INDEX = Index(
    (
        Entry("mail", ("メールが届かない", "the mail does not arrive")),
        Entry("late", ("メールが遅い", "the mail is late")),
        Entry("password", ("パスワードを忘れた", "forgot my password")),
        Entry("provisional", ("仮登録のパスワード",)),
        Entry("register", ("登録のしかた",)),
        Entry("silent", ()),
    ),
    {
        "mail": ("メール", "mail", "e mail"),
        "not come": ("届かない", "とどかない", "来ない", "not arrive", "never came"),
        "card": ("カード",),
        "password": ("パスワード", "password"),
        "provisional": ("仮登録",),
        "register": ("登録",),
    },
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ﾒｰﾙ　か　ﾄﾄﾞｶﾅｲ", "めーるがとどかない"),
        ("メ一ル", "メール"),
        ("メ-ル", "めーる"),
        ("パスワード", "はすわと"),
        ("ログイン　できない", "ろくいんできない"),
        ("お名前を\u200b変える", "お名前お変える"),
        ("続ヅク", "続すく"),
        ("ｅ－ｍａｉｌ　ＡＤＤＲＥＳＳ", "E-mail address"),
        ("ﾘﾝｸ!!", "リンク。"),
        ("Café", "cafe"),
    ],
)
def test_what_means_the_same_folds_alike(typed: str, meant: str) -> None:
    assert folded(typed) == folded(meant) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("一致しない", "致しない"), ("no mail", "nomail"), ("仮登録", "本登録")]
)
def test_what_differs_in_meaning_stays_apart(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text(max_size=400))
def test_of_any_text_letters_stay_and_something_or_nothing_is_found(typed: str) -> None:
    assert re.fullmatch("(?:[0-9a-zぁ-ゖ々一-鿿]| (?=[0-9a-z]))*", folded(typed))
    assert set(INDEX.find(typed)) <= {"mail", "late", "password", "provisional", "register"}


@pytest.mark.parametrize(
    "typed", ["a03", "A03", "Ａ－０３", "A-03", "a-3", "A 3", " a‐03 ", "a03\u200b", "Aー03", "a3"]
)
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert code_of(typed) == "A-03"


@pytest.mark.parametrize("typed", ["", "a", "03", "a003", "aa03", "a-03です", "メールが来ない", "a" * 300])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert code_of(typed) is None


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("画面に「Ａ－０３」と出ました", "A-03"),
        ("a03とは", "A-03"),
        ("code c 05, please", "C-05"),
        ("a3 と出た", None),
        ("iphone15", None),
        ("la03", None),
        ("メールが来ない", None),
    ],
)
def test_a_code_within_a_text_needs_both_digits(typed: str, code: str | None) -> None:
    assert code_within(typed) == code


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("メールが来ない", "mail"),
        ("めーるか　とどかない", "mail"),
        ("MAIL NEVER CAME", "mail"),
        ("e-mail never came", "mail"),
        ("メール遅い", "late"),
        ("ぱすわーと わすれた", "password"),
        ("パスワードを忘れれた", "password"),
        ("仮登録", "provisional"),
        ("登録", "register"),
    ],
)
def test_the_nearest_page_comes_first(typed: str, page: str) -> None:
    assert INDEX.find(typed)[0] == page


def test_the_longest_way_to_say_something_is_heard_first() -> None:
    # 「が届」 is not 「かと…」 of 「カード」, and 仮登録 is not 登録.
    assert INDEX.find("メールがとどかない")[0] == "mail"
    assert "register" not in INDEX.find("仮登録のパスワード")


def test_a_latin_way_is_a_word_of_its_own() -> None:
    assert INDEX.find("mailbox") != INDEX.find("mail")
    assert INDEX.find("mailが来ない")[0] == "mail"


def test_what_is_far_from_all_pages_finds_none() -> None:
    assert INDEX.find("天気予報") == ()
    assert INDEX.find("") == ()
    assert Index((), {}).find("メール") == ()


def test_only_the_beginning_of_a_long_story_counts() -> None:
    assert INDEX.find("メールが来ない" + "あ" * LONGEST * 2) == INDEX.find("メールが来ない" + "あ" * LONGEST)
    assert INDEX.find("ん" * LONGEST + "メールが来ない") == ()


def test_at_most_eight_pages_are_found() -> None:
    many = Index((Entry(str(number), ("メールが届かない",)) for number in range(20)), {})
    assert many.find("メールが届かない") == tuple(map(str, range(8)))
