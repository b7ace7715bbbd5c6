"""Names, addresses and telephone numbers of people and companies that do not exist.

Family and given names are the common ones of Japan with their usual reading, weighted roughly as often
as they are met. The town is invented, its postal codes begin with 000 and its telephone exchanges with
0 or 1, which are assigned to nobody: no number here can ring at a stranger's.
"""

import itertools
import unicodedata
from random import Random
from typing import NamedTuple

_SURNAMES = """
佐藤 サトウ 190|鈴木 スズキ 180|高橋 タカハシ 140|田中 タナカ 134|伊藤 イトウ 108|渡辺 ワタナベ 107
山本 ヤマモト 105|中村 ナカムラ 105|小林 コバヤシ 103|加藤 カトウ 89|吉田 ヨシダ 83|山田 ヤマダ 82
佐々木 ササキ 67|山口 ヤマグチ 64|松本 マツモト 63|井上 イノウエ 61|木村 キムラ 58|林 ハヤシ 55
斎藤 サイトウ 54|清水 シミズ 53|山崎 ヤマザキ 48|森 モリ 47|池田 イケダ 45|橋本 ハシモト 45|阿部 アベ 44
石川 イシカワ 43|山下 ヤマシタ 42|中島 ナカジマ 39|中島 ナカシマ 5|石井 イシイ 40|小川 オガワ 40
前田 マエダ 38|岡田 オカダ 38|長谷川 ハセガワ 38|藤田 フジタ 37|後藤 ゴトウ 37|近藤 コンドウ 37
村上 ムラカミ 36|遠藤 エンドウ 33|青木 アオキ 33|坂本 サカモト 33|福田 フクダ 31|太田 オオタ 31
西村 ニシムラ 31|藤井 フジイ 31|岡本 オカモト 30|藤原 フジワラ 30|金子 カネコ 30|三浦 ミウラ 29
中野 ナカノ 29|中川 ナカガワ 29|原田 ハラダ 29|松田 マツダ 29|竹内 タケウチ 28|小野 オノ 28|田村 タムラ 28
中山 ナカヤマ 28|和田 ワダ 27|石田 イシダ 27|上田 ウエダ 26|森田 モリタ 26|原 ハラ 26|内田 ウチダ 26
柴田 シバタ 26|酒井 サカイ 25|宮崎 ミヤザキ 25|横山 ヨコヤマ 25|高木 タカギ 24|安藤 アンドウ 24
宮本 ミヤモト 24|大野 オオノ 23|小島 コジマ 23|工藤 クドウ 22|谷口 タニグチ 22|今井 イマイ 22
高田 タカダ 21|増田 マスダ 21|丸山 マルヤマ 21|杉山 スギヤマ 21|村田 ムラタ 21|大塚 オオツカ 20
小山 コヤマ 20|平野 ヒラノ 20|河野 コウノ 14|河野 カワノ 6|新井 アライ 20|武田 タケダ 20|上野 ウエノ 20
藤本 フジモト 20|千葉 チバ 18|松井 マツイ 18|服部 ハットリ 15|桜井 サクライ 15|水野 ミズノ 15|久保 クボ 15
野口 ノグチ 15|菊地 キクチ 14|望月 モチヅキ 10|三田村 ミタムラ 4|髙橋 タカハシ 9|髙田 タカダ 3
渡邊 ワタナベ 12|渡邉 ワタナベ 9|齋藤 サイトウ 10|齊藤 サイトウ 7|山﨑 ヤマザキ 8|濵田 ハマダ 3
神谷 カミヤ 10|小田切 オダギリ 3|勅使河原 テシガワラ 1|一ノ瀬 イチノセ 3|二宮 ニノミヤ 7|八木 ヤギ 10
土屋 ツチヤ 11|辻 ツジ 12
"""

_GIVEN = """
太郎 タロウ 8|健一 ケンイチ 20|一郎 イチロウ 12|誠 マコト 25|博 ヒロシ 24|隆 タカシ 22|和夫 カズオ 20
茂 シゲル 16|修 オサム 17|清 キヨシ 16|正 タダシ 12|勝 マサル 14|実 ミノル 14|進 ススム 12|昇 ノボル 9
豊 ユタカ 11|剛 ツヨシ 12|浩二 コウジ 13|秀樹 ヒデキ 15|哲也 テツヤ 15|達也 タツヤ 15|直樹 ナオキ 16
大輔 ダイスケ 18|健太 ケンタ 14|翔太 ショウタ 14|翔 ショウ 10|拓也 タクヤ 13|亮 リョウ 11|純 ジュン 9
俊介 シュンスケ 8|雄一 ユウイチ 10|恭平 キョウヘイ 6|裕介 ユウスケ 8|陽介 ヨウスケ 8|蓮 レン 7
悠真 ユウマ 6|大翔 ヒロト 6|薫 カオル 6|勲 イサオ 6|寿夫 ヒサオ 6|信二 シンジ 7|龍一 リュウイチ 5
和子 カズコ 22|幸子 サチコ 20|洋子 ヨウコ 20|節子 セツコ 15|恵子 ケイコ 22|京子 キョウコ 16
久美子 クミコ 15|由美子 ユミコ 16|裕子 ユウコ 14|裕子 ヒロコ 8|純子 ジュンコ 15|順子 ジュンコ 11
明美 アケミ 14|真由美 マユミ 14|智子 トモコ 14|陽子 ヨウコ 12|美香 ミカ 10|愛 アイ 11|彩 アヤ 10
美咲 ミサキ 13|さくら サクラ 8|葵 アオイ 7|結衣 ユイ 7|陽菜 ハルナ 5|陽菜 ヒナ 4|優子 ユウコ 10
千代子 チヨコ 8|ふみ フミ 4|トシ子 トシコ 5|ヨシエ ヨシエ 4|静江 シズエ 6|みどり ミドリ 7|真理 マリ 8
絵里 エリ 8|香織 カオリ 10|奈々 ナナ 7|麻衣 マイ 8|千尋 チヒロ 6|詩織 シオリ 6
"""

_FOREIGN = """
スミス ジョン|ジョンソン メアリー|ブラウン デイヴィッド|ウィルソン ケイト|グエン ティ ラン|サントス マリア
シルヴァ パウロ
"""

_FORMS = (
    ("株式会社", "カ）", True), ("株式会社", "カ）", True), ("株式会社", "（カ", False),
    ("有限会社", "ユ）", True), ("有限会社", "（ユ", False), ("合同会社", "ド）", True),
)  # fmt: skip
_HOUSES = """
朝凪 アサナギ|澄野 スミノ|星見坂 ホシミザカ|若草台 ワカクサダイ|花水木 ハナミズキ|東雲 シノノメ
七色 ナナイロ|風待 カゼマチ|ひなた ヒナタ|すずらん スズラン|こもれび コモレビ|あかつき アカツキ
しらさぎ シラサギ|つばくろ ツバクロ|やまぼうし ヤマボウシ
"""
_TRADES = """
商店 ショウテン|工務店 コウムテン|建設 ケンセツ|製作所 セイサクショ|運輸 ウンユ|印刷 インサツ
薬局 ヤッキョク|食品 ショクヒン|測量設計 ソクリョウセッケイ|電機 デンキ|自動車整備 ジドウシャセイビ
造園 ゾウエン|クリーニング クリーニング|不動産 フドウサン|歯科技工 シカギコウ|旅館 リョカン|酒店 サケテン
会計事務所 カイケイジムショ
"""

_TOWN = "朝凪県澄野市"
_QUARTERS = (
    ("000-0101", "中央"), ("000-0102", "駅前通"), ("000-0103", "東町"), ("000-0104", "西町"),
    ("000-0105", "若草台"), ("000-0111", "緑が丘"), ("000-0112", "川端"), ("000-0113", "寺前"),
    ("000-0114", "新田"), ("000-0121", "星見坂"), ("000-0122", "桜通"), ("000-0123", "港町"),
    ("000-0131", "字上山"), ("000-0132", "字下山"), ("000-0133", "大字澄野"),
)  # fmt: skip
_HOUSINGS = ("コーポ若草", "メゾン澄野", "グランドハイツ駅前", "朝凪団地", "サニーコート", "ビラ星見坂")

_LARGE_FOR_SMALL = str.maketrans("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ")
_HALF_WIDTH = {
    unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF61, 0xFFA0)
} | {"（": "(", "）": ")", "　": " "}  # fmt: skip


class Name(NamedTuple):
    """A name as it stands on the bill, and its reading in full-width katakana."""

    written: str
    kana: str


class Address(NamedTuple):
    """A postal code with its hyphen, and the address in one line."""

    postal_code: str
    line: str


def _parsed(table: str, columns: int) -> list[list[str]]:
    entries = [entry.split(" ", columns - 1) for entry in table.strip().replace("\n", "|").split("|")]
    if any(len(entry) != columns for entry in entries):
        raise ValueError("a line of the name tables is incomplete")
    return entries


def _weighted(table: str) -> tuple[list[Name], list[int]]:
    entries = _parsed(table, 3)
    return (
        [Name(written, kana) for written, kana, _ in entries],
        list(itertools.accumulate(int(weight) for _, _, weight in entries)),
    )


_SURNAME_CHOICE, _SURNAME_WEIGHTS = _weighted(_SURNAMES)
_GIVEN_CHOICE, _GIVEN_WEIGHTS = _weighted(_GIVEN)
_FOREIGN_CHOICE = [tuple(entry) for entry in _parsed(_FOREIGN, 2)]
_HOUSE_CHOICE = [Name(*entry) for entry in _parsed(_HOUSES, 2)]
_TRADE_CHOICE = [Name(*entry) for entry in _parsed(_TRADES, 2)]


def surname(chance: Random) -> Name:
    """A family name alone."""
    return chance.choices(_SURNAME_CHOICE, cum_weights=_SURNAME_WEIGHTS)[0]


def person(chance: Random, family: Name | None = None) -> Name:
    """Family and given name with a full-width space between them; *family* keeps a household together."""
    if family is None and chance.random() < 0.004:
        foreign_family, foreign_given = chance.choice(_FOREIGN_CHOICE)
        written = f"{foreign_family}　{foreign_given.replace(' ', '　')}"
        return Name(written, written)
    family = family or surname(chance)
    given = chance.choices(_GIVEN_CHOICE, cum_weights=_GIVEN_WEIGHTS)[0]
    return Name(f"{family.written}　{given.written}", f"{family.kana}　{given.kana}")


def company(chance: Random) -> Name:
    """A company with its corporate form, the reading with the abbreviation that banks use."""
    form, abbreviation, leads = chance.choice(_FORMS)
    house, trade = chance.choice(_HOUSE_CHOICE), chance.choice(_TRADE_CHOICE)
    written, kana = house.written + trade.written, house.kana + trade.kana
    if leads:
        return Name(form + written, abbreviation + kana)
    return Name(written + form, kana + abbreviation)


def as_banks_write(kana: str) -> str:
    """*kana* in half width and without small letters, as it comes back from a bank's transfer file."""
    decomposed = unicodedata.normalize("NFD", kana.translate(_LARGE_FOR_SMALL))
    spaced = decomposed.replace("\u3099", "ﾞ").replace("\u309a", "ﾟ")
    return "".join(_HALF_WIDTH.get(character, character) for character in spaced)


def address(chance: Random) -> Address:
    """An address in the invented town, one in four of them in a block of flats."""
    postal_code, quarter = chance.choice(_QUARTERS)
    block = f"{chance.randint(1, 6)}丁目{chance.randint(1, 28)}番{chance.randint(1, 35)}号"
    if quarter.startswith(("字", "大字")):
        block = f"{chance.randint(1, 3200)}番地"
    if chance.random() < 0.25:
        block += f"　{chance.choice(_HOUSINGS)}{chance.randint(1, 9)}0{chance.randint(1, 8)}号"
    return Address(postal_code, f"{_TOWN}{quarter}{block}")


def fixed_phone(chance: Random) -> str:
    """Ten digits of the town's area, with hyphens; the exchange begins with 0 or 1, so it rings nowhere."""
    return f"0748-{chance.randint(1, 19):02d}-{chance.randint(0, 9999):04d}"


def mobile_phone(chance: Random) -> str:
    """Eleven digits of a mobile telephone, with hyphens, from blocks that no carrier has."""
    return f"{chance.choice(('090', '070'))}-0{chance.randint(100, 999)}-{chance.randint(0, 9999):04d}"
