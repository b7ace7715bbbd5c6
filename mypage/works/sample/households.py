"""The sample's customers: who they are, what they have subscribed to and since when."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from mypage.works.sample import tariffs
from mypage.works.sample.holders import ACTIVE, ENDED, SUSPENDED, Holder, holders_of
from mypage.works.sample.months import Period, days_in, ordinal
from mypage.works.sample.stories import Stories, Story
from mypage.works.sample.tariffs import Campaign, Course

DEBIT, CARD, PAPER = "口座振替", "クレジットカード", "請求書"

_BUNDLES = (
    ((tariffs.INTERNET_COURSES,), 22),
    ((tariffs.TV_COURSES,), 14),
    ((tariffs.INTERNET_COURSES, tariffs.TV_COURSES), 22),
    ((tariffs.INTERNET_COURSES, tariffs.PHONE_COURSES), 10),
    ((tariffs.INTERNET_COURSES, tariffs.TV_COURSES, tariffs.PHONE_COURSES), 18),
    ((tariffs.INTERNET_COURSES, tariffs.ELECTRICITY_COURSES), 6),
    ((tariffs.INTERNET_COURSES, tariffs.TV_COURSES, tariffs.PHONE_COURSES, tariffs.ELECTRICITY_COURSES), 8),
)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One contract of a customer."""

    number: str
    holder_no: int
    course: Course
    status: str
    started_on: date
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Household:
    """A customer number with everything that bills are made of; months are ordinals.

    ``subscriptions`` are the ones charged now; ``former`` ended before the sample's first month or belong
    to an earlier holder. ``chance`` goes on where the household stopped, so bills are made once, in order.
    """

    number: str
    stories: frozenset[Story]
    holders: tuple[Holder, ...]
    subscriptions: tuple[Subscription, ...]
    former: tuple[Subscription, ...]
    began: date
    last_used: date | None
    suspended_from: int | None
    campaign: Campaign | None
    payment_method: str
    loyal: bool
    insured: bool
    broadcaster: int
    kilowatt_hours: int
    calls: int
    chance: Random

    @property
    def is_company(self) -> bool:
        """Billed without tax, the tax apart."""
        return Story.COMPANY in self.stories or Story.COMPANY_WITH_TAX_LINES in self.stories


def _day(month: int, day: int) -> date:
    return date(month // 12, month % 12 + 1, min(day, days_in(month)))


def customer_number(index: int) -> str:
    """Ten digits with a check digit, so that a neighbour's number is no slip away.

    Every third customer came over from an older system whose numbers were filled up with zeros.
    """
    serial = 1_000_000 + index
    weighed = zip(str(serial), itertools.cycle((3, 1, 7, 9)), strict=False)
    check = sum(int(digit) * weight for digit, weight in weighed) % 10
    folded = f"{serial}{check}"
    return folded.zfill(10) if index % 3 == 2 else f"31{folded}"


def households(customers: int, seed: int, period: Period) -> Iterator[Household]:
    """The first *customers* households of the sample with this *seed*, one after the other."""
    stories = Stories(seed)
    for index in range(customers):
        # A generator of its own for each: a household does not change with those before it.
        yield _household(index, stories.of(index), Random(seed * 0x1_0000_0000 + index), period)  # noqa: S311


def _courses(index: int, stories: frozenset[Story], chance: Random) -> list[Course]:
    if Story.COMPANY in stories or Story.COMPANY_WITH_TAX_LINES in stories:
        choices: tuple[tuple[Course, ...], ...] = (tariffs.BUSINESS_INTERNET, tariffs.BUSINESS_PHONE)
        if Story.COMPANY_WITH_TAX_LINES in stories and chance.random() < 0.5:
            choices = (tariffs.BUSINESS_INTERNET,)
    elif index == 0:
        choices = (tariffs.INTERNET_COURSES, tariffs.TV_COURSES)
    elif index == 3 or Story.CORRECTED in stories:
        choices = _BUNDLES[-1][0]
    elif Story.PREPAID in stories:
        choices = (tariffs.TV_COURSES,)
    else:
        choices = chance.choices([courses for courses, _ in _BUNDLES], [weight for _, weight in _BUNDLES])[0]
    return [chance.choices(courses, [course.weight for course in courses])[0] for courses in choices]


def _begin_and_end(
    index: int, stories: frozenset[Story], chance: Random, period: Period
) -> tuple[date, date | None, Campaign | None]:
    """First day, last day and campaign. What is used in a month is billed in the next one."""
    oldest_use, newest_use = period.first - 1, period.last - 1
    began = _day(oldest_use - chance.randint(26, 170), chance.randint(1, 28))
    ended, campaign = None, None
    if Story.NEWCOMER in stories:
        month = max(oldest_use, newest_use - chance.randint(0, 8))
        began, campaign = _day(month, chance.randint(5, 25)), chance.choice(tariffs.CAMPAIGNS)
    elif Story.CAMPAIGN_ENDS in stories:
        # The two whom newcomers look at shall have bills in the whole window: the longest campaign.
        campaign = tariffs.CAMPAIGNS[-1] if index < 4 else chance.choice(tariffs.CAMPAIGNS)
        ago = 0 if index < 4 else chance.randint(0, 5)
        without = max(min(oldest_use + 1, newest_use), newest_use - ago)
        began = _day(without - campaign.months, 1)
    elif Story.ENDED in stories:
        ended = _day(max(oldest_use, newest_use - chance.randint(0, 1)), chance.randint(8, 30))
    elif Story.REFUNDED in stories:
        ended = _day(max(oldest_use, newest_use - 1), chance.randint(3, 9))
    elif Story.ENDED_LONG_AGO in stories:
        ended = _day(max(oldest_use, newest_use - 6), chance.randint(8, 30))
    elif Story.NOT_YET_BEGUN in stories:
        began = _day(period.last + 2, 1)
    return began, ended, campaign


def _household(index: int, stories: frozenset[Story], chance: Random, period: Period) -> Household:
    number = customer_number(index)
    began, last_used, campaign = _begin_and_end(index, stories, chance, period)
    suspended_from = max(period.first, period.last - 4) if Story.SUSPENDED in stories else None
    status = ENDED if last_used else SUSPENDED if suspended_from is not None else ACTIVE
    holders = holders_of(index, stories, chance, status, began, last_used, period)
    courses = _courses(index, stories, chance)
    current = holders[-1]
    started = current.since or began
    subscriptions = tuple(
        Subscription(f"K{number[2:]}-{place}", current.holder_no, course, status, started, last_used)
        for place, course in enumerate(courses, start=1)
    )
    former = tuple(
        Subscription(f"K{number[2:]}-{place}", earlier.holder_no, course, ENDED, began, earlier.ended_on)
        for earlier in holders[:-1]
        for place, course in enumerate(courses, start=len(courses) + 1)
    )
    if not stories and chance.random() < 0.1:
        changed_on = began + timedelta(days=chance.randint(100, 700))
        course = tariffs.INTERNET_COURSES[3]
        former = (Subscription(f"K{number[2:]}-9", 1, course, ENDED, began, changed_on),)
    services = {course.service for course in courses}
    return Household(
        number=number,
        stories=stories,
        holders=holders,
        subscriptions=subscriptions,
        former=former,
        began=began,
        last_used=last_used,
        suspended_from=suspended_from,
        campaign=campaign,
        payment_method=_payment_method(index, stories, chance),
        loyal=ordinal(began) < period.first - 100,
        insured=chance.random() < 0.06,
        broadcaster=_broadcaster(index, services, chance),
        kilowatt_hours=chance.randint(140, 620) if tariffs.ELECTRICITY in services else 0,
        calls=chance.choice((0, 3, 8, 20, 45)) if tariffs.PHONE in services else 0,
        chance=chance,
    )


def _payment_method(index: int, stories: frozenset[Story], chance: Random) -> str:
    if index < 4 or Story.DEBIT_FAILED in stories:
        return DEBIT
    return chance.choices((DEBIT, CARD, PAPER), (60, 32, 8))[0]


def _broadcaster(index: int, services: set[str], chance: Random) -> int:
    """0: pays the broadcaster directly; 1 or 2: through us, for the terrestrial or the satellite contract."""
    if tariffs.TV not in services or (index != 3 and chance.random() < 0.7):
        return 0
    return chance.choice((1, 2))
