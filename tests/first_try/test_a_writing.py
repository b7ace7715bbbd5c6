"""A-01, A-02, A-05, A-09: how number, telephone and name are written, on screen 1."""

from pathlib import Path

import pytest

from mypage.store.engine import Database
from tests.builders import TAROU, a_customer, publish_customers
from tests.first_try.story import HANAKO, PROFILE, Story, causes, summary, typed_in
from tests.html import Element
from tests.smtp_server import MailServer

MISSED = "入力された内容が契約者情報と一致しません。もう一度お手元の登録書をご確認ください。"
LOOKS = "お手元の登録書に「お客様番号」と書かれた番号（例：0012345678）"
NUMBERS = (
    "12345678", "0012345678", "0000012345678", "１２３４５６７８", "００１２３４５６７８", "1234-5678", "00-1234-5678",
    "1234‐5678", "1234‑5678", "1234–5678", "1234—5678", "1234―5678", "1234−5678", "1234─5678", "1234ー5678",
    "1234－5678", "1234〜5678", " 12345678 ", "　１２３４　５６７８　", "12 34 56 78", "1234\u00a05678",
    "\u200b12345678", "1234\u00ad5678", "\ufeff12345678\u202c", "\t12345678",
)  # fmt: skip
PHONES = (
    "0748-62-1234", "0748621234", "０７４８－６２－１２３４", "(0748)62-1234", "0748（62）1234", "0748.62.1234", "0748/62/1234",
    "0748 62 1234", "0748ー62ー1234", "0748−62−1234", "+81 748-62-1234", "+81 (0)748-62-1234", "0081748621234",
    "748621234", "090-1111-2222", "\u200e0748621234",
)  # fmt: skip
NAMES = (
    "アイコム　タロウ", "アイコム タロウ", "アイコムタロウ", "アイコム　　タロウ", "　アイコム　タロウ　", "ｱｲｺﾑ ﾀﾛｳ", "あいこむ たろう",
    "あいこむたろう", "タロウ　アイコム", "アイコム・タロウ", "アイコム、タロウ", "アイコム,タロウ", "アイコム\u200bタロウ",
    "アイコム\u00a0タロウ",
)  # fmt: skip
OTHER_NAMES = {
    "ワタナベ　ジュンコ": ("ﾜﾀﾅﾍﾞ ｼﾞｭﾝｺ", "ワタナヘ゛　シ゛ュンコ", "ワタナヘ\u3099 シ\u3099ュンコ", "ワタナベ　ジユンコ", "わたなべ じゅんこ"),
    "ﾜﾀﾅﾍﾞ ｼﾞﾕﾝｺ": ("ワタナベ　ジュンコ",),
    "ハットリ　キョウヘイ": ("ハツトリ　キヨウヘイ", "ﾊｯﾄﾘ ｷｮｳﾍｲ"),
    "コーノ　ローラ": tuple(f"コ{mark}ノ　ロ{mark}ラ" for mark in "-‐‑‒–—―−─〜ーｰ一"),
    "ミヅシマ　ヰサヲ": ("ミズシマ　イサオ", "ミズシマ　イサヲ"),
    "タヂマ　カオル": ("タジマ　カヲル",),
    "ヱノモト　スヱ": ("エノモト　スエ",),
    "カ）アイコムショウジ": (
        "アイコムショウジ", "カブシキガイシャ　アイコムショウジ", "株式会社アイコムショウジ", "㈱アイコムショウジ", "ｶ)ｱｲｺﾑｼﾖｳｼﾞ", "アイコムショウジ（カ",
    ),
}  # fmt: skip


@pytest.mark.cause("A-01")
def test_every_way_to_write_the_number_is_accepted(story: Story) -> None:
    page, refused = story.signup(), []
    for number in NUMBERS:
        answer = page.submit("認証", **{**TAROU, "customer_number": number})
        if answer.path != "/signup/profile":
            refused.append((number, answer.text[:400]))
    assert refused == []
    assert [entry.what for entry in story.timeline()] == ["identity.matched"] * len(NUMBERS)
    # The next step is there and leads on; the number stands there as it was typed.
    confirm = answer.submit("確認する", **PROFILE)
    assert confirm.path == "/signup/confirm"
    assert NUMBERS[-1].strip() in confirm.text
    assert confirm.submit("仮登録する").path == "/signup/done"


@pytest.mark.cause("A-01")
def test_every_way_to_write_the_telephone_number_is_accepted(story: Story) -> None:
    # The second number of the contract counts as well.
    publish_customers(story.database, a_customer(phone2="09011112222"))
    page, refused = story.signup(), []
    for phone in PHONES:
        answer = page.submit("認証", **{**TAROU, "phone": phone})
        if answer.path != "/signup/profile":
            refused.append((phone, answer.text[:400]))
    assert refused == []
    assert {entry.what for entry in story.timeline()} == {"identity.matched"}


@pytest.mark.cause("A-02")
def test_every_way_to_write_the_name_is_accepted(story: Story) -> None:
    cases = {"アイコム　タロウ": NAMES, **OTHER_NAMES}
    numbers = {str(5_000_000 + place): kana for place, kana in enumerate(cases)}
    publish_customers(
        story.database, *(a_customer(number, name_kana=kana) for number, kana in numbers.items())
    )
    page, refused = story.signup(), []
    for number, kana in numbers.items():
        for name in cases[kana]:
            answer = page.submit("認証", **{**TAROU, "customer_number": number, "name_kana": name})
            if answer.path != "/signup/profile":
                refused.append((kana, name, answer.text[:400]))
        assert [entry.what for entry in story.timeline(number)] == ["identity.matched"] * len(cases[kana])
    assert refused == []


@pytest.mark.cause("A-02")
def test_a_name_in_kanji_is_told_before_it_is_compared(story: Story) -> None:
    page = story.signup().submit("認証", **{**TAROU, "name_kana": "愛込　太郎"})
    assert "お名前が漢字で入力されています。" in summary(page)
    assert "カタカナかひらがなで入力してください。" in summary(page)
    assert causes(page) == ["A-02"]
    assert typed_in(page, "name_kana") == "愛込　太郎"
    # It was no try: nothing was compared.
    assert story.timeline() == []
    assert story.stumbles() == {("proof", "A-02", "name_kana_kanji"): 1}
    assert page.submit("認証", name_kana="あいこむたろう").path == "/signup/profile"


@pytest.mark.cause("A-05")
def test_what_is_no_customer_number_is_told_with_where_it_stands(story: Story) -> None:
    email, reference = (
        "メールアドレスが入力されているようです。",
        "請求書や払込票の、別の番号が入力されているようです。",
    )
    for typed, said in (
        ("taro@example.jp", email),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ", email),
        ("T1234567890123", reference),
        ("9" * 44, reference),
        ("アイコム　タロウ", "お手元の登録書に"),
        ("12345678a", "お手元の登録書に"),
        ("0000", "お手元の登録書に"),
    ):
        page = story.signup().submit("認証", **{**TAROU, "customer_number": typed})
        assert f"お客様番号の形と異なります。{said}" in summary(page), typed
        assert LOOKS in summary(page)
        assert causes(page) == ["A-05"]
        assert "お客様番号の表記見本" in page.text
        assert typed_in(page, "customer_number") == typed
    # Nothing was compared and nobody is known: a count for the shift, no row.
    assert story.rows() == []
    assert story.stumbles().keys() == {
        ("proof", "A-05", f"customer_number_{rule}") for rule in ("is_email", "is_reference", "pattern")
    }
    assert page.submit("認証", customer_number="0012345678").path == "/signup/profile"


@pytest.mark.cause("A-05")
def test_a_telephone_number_in_its_place_is_asked_about_once(story: Story) -> None:
    for typed in ("090-1234-5678", "０８０１２３４５６７８", TAROU["phone"]):
        page = story.signup().submit("認証", **{**TAROU, "customer_number": typed})
        assert "お客様番号ではなく、電話番号が入力されているようです。" in summary(page), typed
        assert LOOKS in summary(page)
        assert causes(page) == ["A-05"]
        assert typed_in(page, "customer_number") == typed
    assert story.rows() == []
    assert story.stumbles().keys() == {("proof", "A-05", "customer_number_like_phone")}
    # Who corrects it goes on; who means it is compared.
    assert page.submit("認証", customer_number="0012345678").path == "/signup/profile"
    assert MISSED in summary(page.submit("認証"))


@pytest.mark.cause("A-05")
def test_an_operator_whose_numbers_look_like_that_shuts_nobody_out(
    database: Database, tmp_path: Path, server: MailServer
) -> None:
    story = Story(database, tmp_path, server)
    publish_customers(database, a_customer("9012345678"))
    page = story.signup().submit("認証", **{**TAROU, "customer_number": "09012345678"})
    assert "電話番号が入力されているようです。" in summary(page)
    assert page.submit("認証").path == "/signup/profile"
    # Where the operator's own example is such a number, nobody is asked.
    other = Story(database, tmp_path, server, customer_number_example="09000000000")
    page = other.signup().submit("認証", **{**TAROU, "customer_number": "09012345678"})
    assert page.path == "/signup/profile"


@pytest.mark.cause("A-05")
def test_an_operator_s_pattern_leaves_no_question(
    database: Database, tmp_path: Path, server: MailServer
) -> None:
    story = Story(database, tmp_path, server, customer_number_pattern="[0-9]{8}")
    page = story.signup().submit("認証", **{**TAROU, "customer_number": "+81 90 1234 5678"})
    assert "お客様番号の形と異なります。電話番号が入力されているようです。" in summary(page)
    assert causes(page) == ["A-05"]
    assert "お客様番号の形と異なります。" in summary(page.submit("認証"))
    assert page.submit("認証", customer_number="12345678").path == "/signup/profile"


@pytest.mark.cause("A-05")
def test_what_is_no_telephone_number_is_told(story: Story) -> None:
    page = story.signup().submit("認証", **{**TAROU, "phone": "内線3"})
    assert "電話番号は、市外局番から数字で入力してください。" in summary(page)
    assert causes(page) == ["A-05"]
    assert page.submit("認証", phone="0748621234").path == "/signup/profile"


def _links(page_summary: Element | None) -> list[str]:
    assert page_summary is not None
    return [
        link.attributes["href"] or "" for link in page_summary.all("a") if link.text().endswith("ください。")
    ]


@pytest.mark.cause("A-09")
def test_an_overlooked_field_is_told_beside_it_and_at_the_top(story: Story) -> None:
    for overlooked, said in (
        ("customer_number", "お客様番号を入力してください。"),
        ("phone", "電話番号を入力してください。"),
        ("name_kana", "お名前（カナ）を入力してください。"),
    ):
        page = story.signup().submit("認証", **{**HANAKO, overlooked: "　"})
        assert said in summary(page)
        assert _links(page.root.by_id("errors")) == [f"#{overlooked}"]
        beside = page.root.by_id(f"{overlooked}-error")
        assert beside is not None
        assert said in beside.text()
        assert causes(page) == ["A-09"]
        assert page.title.startswith("エラー：")
        for name, value in HANAKO.items():
            if name != overlooked:
                assert typed_in(page, name) == value
        assert story.rows() == []
        assert story.stumbles()["proof", "A-09", f"{overlooked}_empty"] == 1
    assert page.submit("認証", **HANAKO).path == "/signup/profile"


@pytest.mark.cause("A-09")
def test_nothing_is_disabled_silently_and_all_that_is_missing_is_told_at_once(story: Story) -> None:
    page = story.signup()
    for shown in (page, page.submit("認証"), page.submit("認証", **TAROU)):
        assert not [each for each in shown.root.walk() if {"disabled", "readonly"} & each.attributes.keys()]
    empty = page.submit("認証")
    assert _links(empty.root.by_id("errors")) == ["#customer_number", "#phone", "#name_kana"]


@pytest.mark.cause("A-09")
def test_a_field_overlooked_on_screen_2_is_in_the_customer_s_timeline(story: Story) -> None:
    page = story.signup().submit("認証", **TAROU)
    page = page.submit("確認する", **{**PROFILE, "nickname": " ", "password": ""})
    assert "ニックネームを入力してください。" in summary(page)
    assert "パスワードを入力してください。" in summary(page)
    assert causes(page) == ["A-09"]
    assert typed_in(page, "login_id") == "tarou"
    entry = story.entry("signup.stumbled")
    assert entry.causes == ("A-09",)
    assert (entry.facts["step"], entry.facts["rules"]) == ("profile", ["nickname_empty", "password_empty"])
    assert page.submit("確認する", **PROFILE).path == "/signup/confirm"
