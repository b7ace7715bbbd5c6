"""The price list of the sample operator: courses, options, campaigns, and what stands on a bill for them.

Amounts are whole hundredths of a yen (sen), because a universal service fee is 2.2 yen and a price per
kilowatt-hour has two decimals. Households' prices contain the tax, companies' prices do not.
"""

from typing import NamedTuple

INTERNET, TV, PHONE, ELECTRICITY = "インターネット", "テレビ", "電話", "電気"
WATER, BROADCASTER, DISCOUNTS, OTHER = "宅配水", "NHK放送受信料（団体一括）", "割引", "その他"

STANDARD, REDUCED, EXEMPT, OUT_OF_SCOPE, PASS_THROUGH = "10", "軽減8", "非課税", "不課税", "立替"


class Line(NamedTuple):
    """One line of a bill. *lag* is how many months before the billing month it was used."""

    service: str
    description: str
    amount: int
    tax_class: str = STANDARD
    kind: str = "料金"
    quantity: str = "1"
    unit_price: str = ""
    lag: int = 1


class Course(NamedTuple):
    """What a customer can subscribe to; *lines* are the same every month, the course itself first."""

    service: str
    name: str
    weight: int
    equipment: str
    lines: tuple[Line, ...]

    @property
    def monthly_fee(self) -> int:
        """The fixed charge a month in sen."""
        return sum(line.amount for line in self.lines)


def _course(service: str, name: str, price: int, weight: int, equipment: str = "", *more: Line) -> Course:
    return Course(service, name, weight, equipment, (Line(service, f"{name} 月額利用料", price * 100), *more))


_BOX = Line(TV, "セットトップボックス利用料", 550_00)
_SECOND_BOX = Line(TV, "セットトップボックス利用料（2台目）", 1_100_00)
_WIFI = Line(INTERNET, "無線LANルーター利用料", 330_00)
_UNIVERSAL = Line(PHONE, "ユニバーサルサービス料", 2_20, unit_price="2.2")
_RELAY = Line(PHONE, "電話リレーサービス料", 1_10, unit_price="1.1")

INTERNET_COURSES = (
    _course(INTERNET, "光ネット 1ギガ", 5_720, 40, "光回線終端装置 ONU-1G"),
    _course(INTERNET, "光ネット 1ギガ", 5_720, 25, "光回線終端装置 ONU-1G", _WIFI),
    _course(INTERNET, "光ネット 10ギガ", 6_930, 12, "光回線終端装置 ONU-10G", _WIFI),
    _course(INTERNET, "ケーブルネット 120メガ", 4_730, 15, "ケーブルモデム CM-31"),
    _course(INTERNET, "マンション光 300メガ", 3_960, 18, "宅内機器 VH-300"),
)
TV_COURSES = (
    _course(TV, "テレビ 再送信コース", 880, 20),
    _course(TV, "テレビ ライトコース", 3_080, 25, "STB-4100", _BOX),
    _course(TV, "テレビ スタンダードコース", 4_180, 35, "STB-4100", _BOX),
    _course(TV, "テレビ プレミアムコース", 6_050, 12, "STB-5200 録画機能付", _BOX, _SECOND_BOX),
    _course(TV, "テレビ スタンダードコース", 4_180, 8, "STB-5200 録画機能付", _BOX,
            Line(TV, "映画オプションチャンネル", 2_530_00), Line(TV, "時代劇オプションチャンネル", 770_00)),
)  # fmt: skip
PHONE_COURSES = (
    _course(PHONE, "ケーブル電話", 1_463, 70, "電話アダプタ EMTA-2", _UNIVERSAL, _RELAY),
    _course(PHONE, "ケーブル電話", 1_463, 30, "電話アダプタ EMTA-2",
            Line(PHONE, "番号表示サービス", 440_00), Line(PHONE, "割込通話サービス", 220_00),
            _UNIVERSAL, _RELAY),
)  # fmt: skip
ELECTRICITY_COURSES = (
    _course(ELECTRICITY, "でんき 従量プラン 30A", 935, 45, "スマートメーター"),
    _course(ELECTRICITY, "でんき 従量プラン 40A", 1_247, 35, "スマートメーター"),
    _course(ELECTRICITY, "でんき 従量プラン 60A", 1_870, 20, "スマートメーター"),
)

_BUSINESS_PHONE = (
    Line(PHONE, "ユニバーサルサービス料", 6_00, quantity="3", unit_price="2"),
    Line(PHONE, "電話リレーサービス料", 3_00, quantity="3", unit_price="1"),
)
BUSINESS_INTERNET = (
    _course(INTERNET, "ビジネス光 1ギガ 固定IP1", 9_800, 60, "光回線終端装置 ONU-1G"),
    _course(INTERNET, "ビジネス光 10ギガ 固定IP8", 24_000, 15, "光回線終端装置 ONU-10G",
            Line(INTERNET, "セキュリティゲートウェイ利用料", 3_500_00)),
)  # fmt: skip
BUSINESS_PHONE = (_course(PHONE, "ビジネス電話 3回線", 4_500, 1, "電話アダプタ EMTA-8", *_BUSINESS_PHONE),)

BUNDLE_DISCOUNT = {
    2: Line(DISCOUNTS, "セット割（2サービス）", -330_00),
    3: Line(DISCOUNTS, "セット割（3サービス）", -660_00),
    4: Line(DISCOUNTS, "セット割（4サービス）", -880_00),
}
LOYALTY_DISCOUNT = Line(DISCOUNTS, "長期ご利用割", -220_00)
INSURANCE = Line(OTHER, "おうち機器あんしん保険料", 330_00, EXEMPT)
BROADCASTER_FEE = Line(BROADCASTER, "放送受信料（地上契約）", 1_100_00, PASS_THROUGH)
BROADCASTER_SATELLITE_FEE = Line(BROADCASTER, "放送受信料（衛星契約）", 1_950_00, PASS_THROUGH)
BROADCASTER_DISCOUNT = Line(BROADCASTER, "団体一括割引", -165_00, PASS_THROUGH)
WATER_LINES = (
    Line(WATER, "お届け水 12L×2本", 3_456_00, REDUCED, quantity="2", unit_price="1728"),
    Line(WATER, "ウォーターサーバー利用料", 1_100_00),
)
SUSPENSION_FEE = Line(OTHER, "休止中 設備維持料", 550_00)
PAPER_BILL_FEE = Line(OTHER, "請求書発行手数料", 220_00)
VISIT_FEE = Line(OTHER, "出張作業費", 5_500_00)
LOST_REMOTE = Line(OTHER, "リモコン代金", 1_650_00)
FILM = Line(TV, "ビデオ見放題 単品購入 4作品", 1_760_00, quantity="4", unit_price="440")
REMOVAL_FEE = Line(OTHER, "引込線撤去費", 3_300_00)

CALL_PRICE, BUSINESS_CALL_PRICE = 8_80, 8_00
MOBILE_SECOND_PRICE = 55

ENERGY_STEPS = (
    (120, 29_80, "電力量料金（第1段階）"),
    (180, 36_40, "電力量料金（第2段階）"),
    (10**9, 40_49, "電力量料金（第3段階）"),
)
RENEWABLE_LEVY = 3_98
SEASON = (146, 138, 118, 96, 82, 84, 112, 128, 104, 86, 96, 124)
"""Electricity used in January … December, per cent of a household's usual month."""


class Campaign(NamedTuple):
    """A discount for the first *months* months; when it stops, the bill rises by exactly its amount."""

    months: int
    line: Line


CAMPAIGNS = (
    Campaign(3, Line(DISCOUNTS, "ご加入お試し割引（3か月間）", -2_200_00)),
    Campaign(6, Line(DISCOUNTS, "新規お申し込み割引（6か月間）", -1_650_00)),
    Campaign(12, Line(DISCOUNTS, "はじめてネット割（12か月間）", -1_100_00)),
    Campaign(24, Line(DISCOUNTS, "引っ越し応援割（24か月間）", -550_00)),
)


def plain(sen: int) -> str:
    """Sen as the core system writes yen: ``2.2``, ``-1650``, ``5720``; decimals only where there are any."""
    yen, rest = divmod(abs(sen), 100)
    digits = f"{yen}.{rest:02d}".rstrip("0") if rest else str(yen)
    return "-" + digits if sen < 0 else digits
