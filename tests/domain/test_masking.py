"""What is personal as pages may show it."""

import pytest

from mypage.domain.masking import email, last_four, login_id, municipality, name, phone


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("0748-62-1234", "1234"),
        ("０９０（１２３４）５６７８", "5678"),
        ("1234567", None),
        ("", None),
        (None, None),
    ],
)
def test_a_phone_is_its_last_four_digits(phone: str | None, shown: str | None) -> None:
    assert last_four(phone) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("滋賀県甲賀市水口町1-2-3", "滋賀県甲賀市"),
        ("東京都千代田区丸の内一丁目", "東京都千代田区"),
        ("京都府京都市中京区寺町通", "京都府京都市中京区"),
        ("大阪市北区梅田1", "大阪市北区"),
        ("東京都 町田市 原町田", "東京都町田市"),
        ("三重県四日市市諏訪町", "三重県四日市市"),
        ("北海道余市郡余市町黒川町", "北海道余市郡余市町"),
        ("奈良県高市郡明日香村岡", "奈良県高市郡明日香村"),
        ("兵庫県神崎郡市川町西川辺", "兵庫県神崎郡市川町"),
        ("福島県郡山市朝日１－２３－７", "福島県郡山市"),
        ("東京都大島町元町", "東京都大島町"),
        ("丸の内1-2-3", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_is_its_municipality(address: str | None, shown: str | None) -> None:
    assert municipality(address) == shown


@pytest.mark.parametrize(
    ("mask", "whole", "shown"),
    [
        (phone, "0748-62-1234", "＊＊＊1234"),
        (phone, "1234567", "＊＊＊"),
        (name, "アイコム　タロウ", "アイ＊＊＊　タ＊＊＊"),
        (name, "ｻﾄｳ ﾊﾅｺ", "サト＊＊＊　ハ＊＊＊"),
        (name, "林　一", "＊＊＊　＊＊＊"),
        (name, "愛込　太郎", "愛＊＊＊　太＊＊＊"),
        (name, "カ）ヤマダショウテン", "カ)ヤマ＊＊＊"),
        (name, "株式会社　愛込商店", "株式会社 愛込＊＊＊"),
        (name, "愛込商店　有限会社", "愛込＊＊＊ 有限会社"),
        (name, "株式会社", "株式＊＊＊"),
        (email, "taro@example.jp", "t＊＊＊@example.jp"),
        (email, '"a@b"@example.jp', '"＊＊＊@example.jp'),
        (email, "taro", "＊＊＊"),
        (login_id, "tarou-2026", "ta＊＊＊"),
    ],
)
def test_staff_see_the_beginning_or_the_end(mask: object, whole: str, shown: str) -> None:
    assert callable(mask)
    assert mask(whole) == shown
    assert (mask(""), mask(None)) == (None, None)
