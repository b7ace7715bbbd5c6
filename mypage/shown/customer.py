"""A customer as staff see it: who it is (masked), how they stand, what failed last and which button mends it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from mypage.domain import masking, support_act
from mypage.domain.customer_state import CustomerState, Standing, WaitFor
from mypage.domain.identity import MissedItem
from mypage.domain.letter import State as LetterState
from mypage.domain.opening import ClosedBy
from mypage.domain.personal import Personal
from mypage.domain.staff import actor
from mypage.domain.succession import Follows
from mypage.domain.support_act import SupportAct
from mypage.services.approvals import AUTOMATIC
from mypage.services.customer_story import Master, Story
from mypage.services.timeline import Entry
from mypage.shown import staff_timeline
from mypage.shown.staff_timeline import ShownCause
from mypage.words.filters import filters
from mypage.words.staff_timeline import MISSED

_SAID: Final = filters("ja")
_MOMENT, _DAY = _SAID["moment"], _SAID["day"]

STANDINGS: Final = {
    Standing.NOT_REGISTERED: "未登録",
    Standing.PROVISIONAL: "仮登録中",
    Standing.REGISTERED: "本登録済",
    Standing.SUSPENDED: "一時停止中",
}
STATUSES: Final = {"active": "契約中", "suspended": "休止中", "ended": "解約済"}
WAITS: Final = {
    WaitFor.SIGNUP: "会員登録の認証",
    WaitFor.ID_CHECK: "IDチェック",
    WaitFor.ACTIVATION: "本登録",
    WaitFor.LOGIN: "ログイン",
    WaitFor.PASSWORD_CHANGE: "パスワードの変更",
    WaitFor.RECOVERY: "再発行の申し込み",
}
_CHANGES: Final = {
    Follows.RENUMBERED: "番号の変更",
    Follows.MERGED: "統合",
    Follows.SPLIT: "分割",
    Follows.INHERITED: "承継",
}
# Who fails so may be helped by a signup on the telephone.
_BY_PHONE: Final = frozenset(("A-01", "A-02", "A-03", "A-04", "A-05", "A-09", "B-06", "C-05", "E-04"))
# Who asks a second person where no member of staff does.
_BY_ITSELF: Final = {AUTOMATIC: "自動"}
_WAITED: Final = "この待ち時間は終わっています。もう一度お試しいただけます。"
# Failures of which no code is told to the customer, and the page of the help that fits.
_ALSO: Final = {"address.bounced": "D-03"}
_LETTERS: Final = {
    LetterState.EXPIRED: "コードの期限が過ぎました",
    LetterState.USED_UP: "入力できる回数を使い切りました",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of who it is. ``values`` as they are shown; ``is_open`` says that nothing of them is masked."""

    personal: Personal
    values: tuple[str, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Service:
    """A contract in a line."""

    name: str
    status: str
    is_ended: bool
    since: str


@dataclass(frozen=True, slots=True)
class Linked:
    """A customer to look at as well: a former or later number, another holder, another customer of the login."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Failure:
    """What failed last. ``cause`` None where no code explains it; ``act`` mends it, None where no act does.

    ``by_phone``: a signup on the telephone gets the caller over it. ``behind``: what led to it, where it is a wait. ``since``: what the customer has reached since then, so that it is
    no longer what keeps them.
    """

    at: datetime
    text: str
    behind: str | None
    cause: ShownCause | None
    act: SupportAct | None
    by_phone: bool
    since: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCustomer:
    """All that stands on the page above the timeline."""

    key: str
    number: str
    holder_no: int
    name: str
    standing: Standing
    standing_words: str
    told: tuple[str, ...]
    warnings: tuple[str, ...]
    waiting: tuple[str, ...]
    who: tuple[Fact, ...]
    status: str
    contract: tuple[str, ...]
    services: tuple[Service, ...]
    linked: tuple[Linked, ...]
    failure: Failure | None
    acts: tuple[SupportAct, ...]
    is_open_on_web: bool
    may_sign_up: bool
    mark: str


def customer(story: Story, revealed: Collection[Personal]) -> ShownCustomer:
    """Present a story; what is in ``revealed`` stands open."""
    state = story.state
    return ShownCustomer(
        key=state.customer_key,
        number=story.number,
        holder_no=story.holder_no,
        name=_name(story),
        standing=state.standing,
        standing_words=STANDINGS[state.standing],
        told=tuple(_told(story)),
        warnings=tuple(_warnings(story)),
        waiting=tuple(_waiting(story)),
        who=tuple(_who(story, revealed)),
        status="" if story.master is None else STATUSES.get(story.master.status, story.master.status),
        contract=tuple(_contract(story.master)),
        services=_services(story),
        linked=tuple(_linked(story)),
        failure=_failure(story),
        acts=support_act.fitting(state),
        is_open_on_web=state.standing is Standing.REGISTERED
        and state.closed_by is None
        and state.web_registration,
        may_sign_up=_may_sign_up(state),
        mark=state.mark,
    )


def _name(story: Story) -> str:
    """Masked always: it stands in headings and titles, which nobody reveals."""
    name, kana, _ = story.personal[Personal.NAME]
    return masking.name(kana) or masking.name(name) or "お名前の登録なし"


def _told(story: Story) -> Iterator[str]:
    """What belongs to the standing: dates, the mail, devices."""
    state = story.state
    match state.standing:
        case Standing.PROVISIONAL:
            if state.provisional_until is not None:
                yield f"期限：{_MOMENT(state.provisional_until)}"
            else:
                yield "期限：メールを送信したときから24時間（まだ送信していません）"
            if story.mail is not None:
                yield staff_timeline.text(story.mail)
            if state.by_phone:
                yield "お電話で受け付けた仮登録です。"
        case Standing.REGISTERED | Standing.SUSPENDED if story.account is not None:
            yield f"本登録：{_MOMENT(story.account.created_at)}"
            last = story.account.last_login_at
            yield f"最後のログイン：{_MOMENT(last)}" if last else "まだ一度もログインされていません。"
            if state.devices:
                yield f"ログイン中の端末：{state.devices}台"
            if state.second_factor:
                yield "二段階認証：あり"
        case _ if state.is_released:
            yield "登録は解除されています。次の登録には、本登録から72時間、何も表示されません。"
        case _ if state.lapsed_at is not None:
            yield f"前の仮登録は、{_MOMENT(state.lapsed_at)}に終わりました。"


def _warnings(story: Story) -> Iterator[str]:
    """What keeps the customer, or staff, from something now."""
    state = story.state
    if not state.web_registration:
        yield "Web登録不可です。Webでの登録も表示もできません。"
    if state.standing in (Standing.NOT_REGISTERED, Standing.PROVISIONAL):
        barred = [MISSED[item.value] for item in state.bars if item is not MissedItem.WEB_REGISTRATION_OFF]
        if barred:
            yield f"いまはWebで登録できません：{'、'.join(barred)}"
    if state.objected:
        yield "登録の解除に異議があり、お客様には何も表示されません。"
    elif state.closed_by is ClosedBy.RELEASE and state.shown_from is not None:
        yield f"解除の後の登録のため、{_MOMENT(state.shown_from)}まで何も表示されません。"
    if state.awaits_letter:
        yield f"郵送の確認コードの入力を待っています。{_letter(story)}"
    if state.awaits_approval:
        yield "変更されたばかりの契約者情報での登録です。承認されるまで、お客様には何も表示されません。"
    if state.closed_by is ClosedBy.SETTLING:
        yield "もとになった契約者データの公開が取り消され、確認しています。数分のあいだ、何も表示されません。"
    if state.withdrawn:
        yield "登録のもとになった契約者データの公開が取り消されたため、停止しています。ご本人だと確かめられたら、停止を解除してください。"
    if state.mail_refused:
        yield "登録のメールアドレスに届きません。再発行のメールは送られません。"
    for wait in state.waits:
        yield f"{WAITS[wait.what]}：{_MOMENT(wait.until)}まで待ち時間です。"


def _waiting(story: Story) -> Iterator[str]:
    """What others have asked a second person for, so that nobody asks it twice."""
    for request in story.requests:
        asker = _BY_ITSELF.get(request.asked_by) or story.staff.get(actor(request.asked_by), "窓口")
        label = staff_timeline.request_label(request.kind)
        yield f"{label}（依頼：{asker}、{_MOMENT(request.asked_at)}）"


def _letter(story: Story) -> str:
    letter = story.letter
    if letter is None:
        return ""
    if letter.state in _LETTERS:
        return f"{_LETTERS[letter.state]}。"
    if letter.expires_at is None:
        return "まだ投函していません。" if letter.can_be_posted else "送り先の住所がありません。"
    return f"期限は{_MOMENT(letter.expires_at)}、残り{letter.tries_left}回です。"


def _who(story: Story, revealed: Collection[Personal]) -> Iterator[Fact]:
    for personal in Personal:
        values = story.personal[personal]
        if not any(values):
            continue
        is_open = personal in revealed
        shown = _open(personal, values) if is_open else _masked(personal, values)
        yield Fact(personal, tuple(each for each in shown if each), is_open)


def _open(personal: Personal, values: tuple[str | None, ...]) -> Iterator[str | None]:
    if personal in (Personal.ADDRESS, Personal.BILLING):
        *before, postal, address = values
        yield from before
        yield " ".join(part for part in (f"〒{postal}" if postal else "", address or "") if part)
    else:
        yield from values


def _masked(personal: Personal, values: tuple[str | None, ...]) -> Iterator[str | None]:
    match personal:
        case Personal.NAME:
            yield from (masking.name(value) for value in values)
        case Personal.PHONE:
            yield from (masking.phone(value) for value in values)
        case Personal.ADDRESS | Personal.BILLING:
            *before, _postal, address = values
            yield from (masking.name(value) for value in before)
            if address:
                yield f"{masking.municipality(address) or ''}{masking.HIDDEN}"
        case Personal.EMAIL:
            yield masking.email(values[0])
        case Personal.LOGIN_ID:
            yield masking.login_id(values[0])


def _contract(master: Master | None) -> Iterator[str]:
    if master is None:
        yield "契約者情報にありません（取り消されたデータの可能性があります）。"
        return
    if master.is_gone:
        yield "最新の契約者データには載っていません。"
    for label, day in (
        ("名義の開始", master.holder_since),
        ("契約日", master.contracted_on),
        ("解約日", master.ended_on),
    ):
        if day is not None:
            yield f"{label}：{_DAY(day)}"
    if master.has_registration_key:
        yield "登録キー：あり"


def _services(story: Story) -> tuple[Service, ...]:
    return tuple(
        Service(
            name=" ".join(part for part in (each.service, each.course) if part) or each.number,
            status=STATUSES.get(each.status, each.status),
            is_ended=each.status == "ended",
            since=_since(each.started_on),
        )
        for each in story.contracts
    )


def _since(day: date | None) -> str:
    return "" if day is None else f"{day.year}年{day.month}月から"


def _linked(story: Story) -> Iterator[Linked]:
    for change in story.number_changes:
        when = "" if change.changed_on is None else f"、{_DAY(change.changed_on)}"
        direction = "この後の番号" if change.is_onward else "前の番号"
        yield Linked(change.key, f"{direction} {change.key}（{_CHANGES[change.kind]}{when}）")
    for other in story.others:
        since = "" if other.since is None else f"、{_DAY(other.since)}から"
        status = STATUSES.get(other.status, other.status)
        yield Linked(other.key, f"同じ番号の名義{other.holder_no}（{status}{since}）")
    if story.account is not None:
        for key in story.account.customers:
            if key not in story.state.keys:
                yield Linked(key, f"同じログインのお客様番号 {key}")


def _failure(story: Story) -> Failure | None:
    entry = story.failure
    if entry is None:
        return None
    code = next(iter(entry.causes), _ALSO.get(entry.what))
    since = story.since_failure
    ended = since is None and entry.what.endswith(".throttled") and not story.state.waits
    act = None if code is None or since is not None else support_act.answer_to(code, story.state)
    return Failure(
        at=entry.at,
        text=staff_timeline.text(entry),
        behind=None if story.behind_failure is None else staff_timeline.text(story.behind_failure),
        cause=None if code is None else staff_timeline.cause(code),
        act=act,
        by_phone=act is None and since is None and code in _BY_PHONE and _may_sign_up(story.state),
        since=_WAITED if ended else None if since is None else _later(since),
    )


def _later(since: Entry) -> str:
    return f"その後、{_MOMENT(since.at)}：{staff_timeline.text(since)}"


def _may_sign_up(state: CustomerState) -> bool:
    """Whether the customer could be registered on the telephone, under the number of today."""
    is_current = state.customer_key == state.current_key
    return state.standing is Standing.NOT_REGISTERED and is_current and not state.bars
