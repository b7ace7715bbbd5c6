"""The rows of the customer master: names, telephones and addresses, one for each holder of a number."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from mypage.works.sample import names
from mypage.works.sample.months import Period, first_day
from mypage.works.sample.stories import Story

ACTIVE, SUSPENDED, ENDED = "契約中", "休止中", "解約済"

_KEY_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Holder:
    """One row of the customer master."""

    holder_no: int
    since: date | None
    name: str
    kana: str
    kana2: str
    phone: str
    phone2: str
    address: names.Address
    billing_name: str
    billing_address: names.Address | None
    status: str
    contracted_on: date
    ended_on: date | None
    on_web: bool
    registration_key: str


def holders_of(
    index: int,
    stories: frozenset[Story],
    chance: Random,
    status: str,
    began: date,
    ended: date | None,
    period: Period,
) -> tuple[Holder, ...]:
    """The rows of one customer number in the master: one, or two where the holder changed."""
    place = names.address(chance)
    newest = _holder(index, stories, chance, place, (1, None, status, began, ended))
    if Story.HOLDER_CHANGED not in stories:
        return (newest,)
    changed_on = first_day(max(period.first, period.last - 5))
    former = _holder(index, stories, chance, place, (1, None, ENDED, began, changed_on - timedelta(days=1)))
    # The family takes the contract over: the name stays more often than not.
    stays = chance.random() < 0.6
    family = names.Name(former.name.split("　")[0], former.kana.split("　")[0]) if stays else None
    return (former, _holder(index, stories, chance, place, (2, changed_on, ACTIVE, changed_on, None), family))


def _holder(
    index: int,
    stories: frozenset[Story],
    chance: Random,
    place: names.Address,
    life: tuple[int, date | None, str, date, date | None],
    family: names.Name | None = None,
) -> Holder:
    holder_no, since, status, contracted_on, ended_on = life
    company = Story.COMPANY in stories or Story.COMPANY_WITH_TAX_LINES in stories
    name = names.company(chance) if company else names.person(chance, family)
    phone = names.fixed_phone(chance) if company or chance.random() < 0.55 else names.mobile_phone(chance)
    kana, kana2, phone2, billing_name, billing_place = name.kana, "", "", "", None
    if chance.random() < 0.35 and index != 0:
        phone = phone.replace("-", "")
    if company:
        billing_name = f"{name.written}　{chance.choice(('経理部', '総務部', '総務課'))}"
        billing_place = names.address(chance)
    elif Story.BILLED_ELSEWHERE in stories:
        billing_name = names.person(chance, names.Name(*(part.split("　")[0] for part in name))).written
        billing_place = names.address(chance)
    if Story.SECOND_KANA in stories:
        kana2 = f"{names.surname(chance).kana}　{name.kana.split('　')[-1]}"
    if Story.SECOND_PHONE in stories or (not stories and chance.random() < 0.05):
        phone2 = names.mobile_phone(chance)
    if Story.BANK_KANA in stories:
        kana = names.as_banks_write(name.kana)
    if Story.UNREADABLE_KANA in stories:
        kana = name.written
    if Story.DUMMY_PHONE in stories:
        phone = "0000000000"
    if Story.PHONE_WITHOUT_ZERO in stories:
        phone = phone.replace("-", "").removeprefix("0")
    return Holder(
        holder_no=holder_no,
        since=since,
        name=name.written,
        kana=kana,
        kana2=kana2,
        phone=phone,
        phone2=phone2,
        address=place,
        billing_name=billing_name,
        billing_address=billing_place,
        status=status,
        contracted_on=contracted_on,
        ended_on=ended_on,
        on_web=Story.NOT_ON_THE_WEB not in stories,
        registration_key="".join(chance.choices(_KEY_LETTERS, k=8)),
    )
