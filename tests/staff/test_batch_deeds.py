"""What billing does on the page of a batch, and what a second person decides: through the forms, as browsers send them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from mypage.domain.approval import RequestState
from mypage.domain.batch import SecondPerson, State
from mypage.domain.staff import Role
from mypage.services import approvals, trail
from mypage.store.engine import Database
from tests.batch_desk import batch_desk
from tests.delivering import charge, charges, customer, customers, number_change, number_changes
from tests.staffing import at_desk
from tests.together import at_the_same_time
from tests.visitor import Page

HOUR = timedelta(hours=1)


def test_billing_publishes_and_takes_back_with_a_reason_and_the_others_are_told(
    database: Database, tmp_path: Path
) -> None:
    with batch_desk(database, tmp_path) as desk:
        one, other = desk.billing("高橋"), desk.billing("鈴木")
        page, stale = desk.page(one), desk.page(other)
        assert not desk.sees()
        page = page.submit("公開する")
        assert (page.status, "公開しました。" in page.text) == (200, True)
        assert desk.sees()
        # A page from before does nothing, and shows how it stands now.
        late = stale.submit("却下する")
        assert (late.status, "状態が変わったため、何もしていません" in late.text) == (400, True)
        assert "公開を取り消す" in late.text
        empty = page.submit("公開を取り消す", reason="　")
        assert (empty.status, "取り消す理由を入力してください" in empty.text) == (400, True)
        assert desk.sees()
        # From a page that lies open for months nothing is done, and the reason is there again.
        page.visitor.client.delete_cookie("form", domain="127.0.0.1")
        old = page.submit("公開を取り消す", reason="料金表の誤り")
        reason = old.root.by_id("take-back-reason")
        assert reason is not None
        assert "料金表の誤り" in reason.text()
        assert desk.sees()
        page = old
        assert "500文字以内" in page.submit("公開を取り消す", reason="長" * 501).text
        done = page.submit("公開を取り消す", reason="料金表の誤り")
        assert "公開を取り消しました" in done.text
        assert not desk.sees()
        assert desk.mails() == [("taken_back", "鈴木")]
        twice = page.submit("公開を取り消す", reason="料金表の誤り")
        assert twice.status == 400
        # It can be published again, once it was checked again; the page says so.
        done.submit("検査し直す")
        assert desk.now().state is State.RECEIVED
        desk.work()
        assert desk.now().state is State.CHECKED
        page = desk.page(one).submit("却下する")
        assert "却下しました" in page.text
        assert desk.now().state is State.REFUSED
        assert desk.actions()[-4:] == [
            "batch.taken_back",
            "batch.to_check_again",
            "batch.checked",
            "batch.discarded",
        ]
        assert "できること" not in desk.page(desk.billing("伊藤", Role.AUDITOR)).text
        assert at_desk(desk.app, database, one).get(f"/staff/batches/{desk.batch.id}/deeds/eat").status == 404
        assert (
            at_desk(desk.app, database, one).get(f"/staff/batches/{desk.batch.id}/deeds/publish").status
            == 200
        )
        with database.reading() as connection:
            assert trail.broken_at(connection) is None


WRONG_TIMES = (
    ("", "9:00", "公開する日を入力してください"),
    ("2026-12-01", "", "公開する時刻を入力してください"),
    ("2026-13-01", "9:00", "公開する日を「2026-12-01」の形で"),
    ("あした", "9:00", "公開する日を「2026-12-01」の形で"),
    ("2030-12-01", "25:00", "公開する時刻を「09:00」の形で"),
    ("2030-12-01", "朝", "公開する時刻を「09:00」の形で"),
    ("２０２０年１月１日", "９時", "公開する日時が過ぎています"),
    ("2999-01-01", "９時３０分", "公開する日時が先すぎます"),
)


def test_a_time_is_agreed_on_called_off_and_kept_with_or_without_notices(
    database: Database, tmp_path: Path
) -> None:
    with batch_desk(database, tmp_path) as desk:
        one = desk.billing("高橋")
        day, time = desk.in_japan(2 * HOUR)
        page = desk.page(one)
        for wrong_day, wrong_time, said in WRONG_TIMES:
            page = page.submit("日時を指定して公開する", day=wrong_day, time=wrong_time)
            assert (page.status, said in page.text) == (400, True), said
            typed = page.root.by_id("at-day")
            assert typed is not None
            assert typed.attributes["value"] == wrong_day, "nothing typed is lost"
        page = page.submit("日時を指定して公開する", day=day, time=time)
        assert "公開を予約しました" in page.text
        scheduled = desk.now()
        assert (scheduled.state, scheduled.notices, scheduled.asked_by) == (State.SCHEDULED, True, one.actor)
        page = page.submit("予約を取り消す")
        assert (desk.now().state, desk.now().publish_at) == (State.CHECKED, None)
        page = page.submit("日時を指定して公開する", day=day, time=time, notices="")
        desk.work()
        assert not desk.sees()
        # The worker comes by in time: nobody is told anything.
        due = desk.now().publish_at
        assert due is not None
        desk.work(at=due + timedelta(seconds=20))
        assert desk.sees()
        published = desk.now()
        assert (published.notices, published.late, desk.mails()) == (False, None, [])
        assert "遅れて" not in desk.page(one).text


def test_what_was_missed_is_published_at_once_and_told_to_whom_it_concerns(
    database: Database, tmp_path: Path
) -> None:
    with batch_desk(database, tmp_path) as desk:
        one, _ = desk.billing("高橋"), desk.billing("鈴木")
        day, time = desk.in_japan(2 * HOUR)
        desk.page(one).submit("日時を指定して公開する", day=day, time=time)
        desk.publish_another()
        due = desk.now().publish_at
        assert due is not None
        desk.work(at=due + 3 * HOUR)
        assert desk.sees(), "after another check, because something was published"
        assert desk.actions()[-2:] == ["batch.published", "batch.missed"]
        assert desk.mails() == [("missed", "高橋")]
        assert "180分遅れて公開しました" in desk.page(one).text


def test_what_failed_is_told_with_the_reason_and_what_to_do(database: Database, tmp_path: Path) -> None:
    with batch_desk(database, tmp_path) as desk:
        one, two = desk.billing("高橋"), desk.billing("鈴木")
        day, time = desk.in_japan(HOUR)
        desk.page(one).submit("日時を指定して公開する", day=day, time=time)
        desk.publish_another()
        file = Path(desk.batch.source)
        content = file.read_bytes()
        file.unlink()
        desk.wait(HOUR + timedelta(minutes=1))
        desk.work()
        assert (desk.now().state, desk.now().failure) == (State.REFUSED, "file_not_found")
        page = desk.page(two)
        assert "予約した公開は、行われませんでした" in page.text
        assert "同じファイルをもう一度渡してください" in page.text
        assert desk.mails() == [("failed", "高橋")]
        # The file is there again: checked again by the worker it can be published, and nothing is told any more.
        file.write_bytes(content)
        page.submit("検査し直す")
        desk.work()
        page = desk.page(two)
        assert "行われませんでした" not in page.text
        assert "公開しました" in page.submit("公開する").text


def test_what_is_wrong_is_left_out_checked_again_and_published_when_it_was_looked_at(
    database: Database, tmp_path: Path
) -> None:
    with batch_desk(database, tmp_path) as desk:
        one = desk.billing("高橋")
        month = f"{desk.batch.counts['months'][0]}"
        outcome = desk.delivering.check(
            charges=charges(charge("70012", month=month), charge("99999", month=month))
        )
        wrong = outcome.batches[0]
        assert wrong.state is State.REFUSED
        page = desk.page(one, wrong.id).submit("エラーの請求を除いて公開")
        assert "除いて検査し直しています" in page.text
        number = int(page.path.rsplit("/", 1)[1].partition("?")[0])
        assert (desk.now(number).state, number != wrong.id) == (State.RECEIVED, True)
        desk.work()
        assert desk.now(number).counts["left_out"] == 1
        assert not desk.sees()
        assert "公開しました" in desk.page(one, number).submit("公開する").text
        assert desk.sees()


def test_a_check_that_was_overtaken_is_made_again_before_it_is_published(
    database: Database, tmp_path: Path
) -> None:
    with batch_desk(database, tmp_path) as desk:
        one = desk.billing("高橋")
        desk.publish_another()
        page = desk.page(one)
        assert "公開の前に、自動で検査し直します" in page.text
        page = page.submit("公開する", notices="")
        assert "検査し直してから公開します" in page.text
        assert not desk.sees()
        desk.work()
        assert desk.sees()
        published = desk.now()
        assert (published.notices, published.late, published.asked_by) == (False, None, one.actor)


def test_with_a_second_person_nothing_is_published_before_they_have_seen_exactly_that(
    database: Database, tmp_path: Path
) -> None:
    with batch_desk(database, tmp_path, SecondPerson.ALL) as desk:
        asker, approver = desk.billing("高橋"), desk.billing("鈴木")
        page = desk.page(asker)
        assert "公開する" not in [each.text() for each in page.root.all("button")]
        page = page.submit("公開の承認を依頼する", notices="")
        assert "公開の承認を依頼しました" in page.text
        assert desk.now().state is State.CHECKED
        assert desk.mails() == [("asked", "鈴木")]
        own = desk.request_page(asker)
        assert "取り下げる" in own.text
        assert "承認して公開する" not in own.text
        by_command = desk.billing("山本", Role.ADMIN, invited_by="cli", role_given_by="cli")
        assert "コマンドから渡されたものを承認できません" in desk.request_page(by_command).text
        queue = at_desk(desk.app, database, approver).get("/staff/requests")
        page = queue.follow("料金データの公開")
        for told in (
            "承認されたらすぐ",
            "送らない",
            "高橋",
            "コマンド",
            "500円",
            desk.batch.sha256,
            "明細 1件",
            "誰がコマンドを使ったかは、記録に残りません",
        ):
            assert told in page.text, told
        assert "明細の見本" in page.text
        page = page.submit("承認して公開する")
        assert "承認し、公開しました" in page.text
        assert desk.sees()
        published = desk.now()
        assert (published.asked_by, published.approved_by, published.notices) == (
            asker.actor,
            approver.actor,
            False,
        )
        assert desk.actions()[-3:] == ["batch.approval_asked", "batch.approved", "batch.published"]
        # Taking back is urgent: one does it alone.
        assert "公開を取り消しました" in desk.page(asker).submit("公開を取り消す", reason="誤り").text


def test_an_approval_for_a_time_is_for_what_was_checked_and_asked_for_again_by_itself(
    database: Database, tmp_path: Path
) -> None:
    with batch_desk(database, tmp_path, SecondPerson.ALL) as desk:
        asker, approver = desk.billing("高橋"), desk.billing("鈴木")
        day, time = desk.in_japan(2 * HOUR)
        desk.page(asker).submit("公開の承認を依頼する", day=day, time=time)
        page = desk.request_page(approver).submit("承認して公開を予約する")
        assert "承認し、公開を予約しました" in page.text
        assert desk.now().state is State.SCHEDULED
        assert [each.text() for each in page.root.all("button") if each.text() == "公開する"] == []
        desk.publish_another()
        desk.wait(2 * HOUR + timedelta(minutes=2))
        desk.work()
        assert not desk.sees(), "never published unapproved"
        assert (desk.now().state, desk.now().publish_at) == (State.CHECKED, None)
        assert sorted(desk.mails()[1:]) == [("asked_again", "鈴木"), ("asked_again", "高橋")]
        assert "承認を待っています" in desk.page(asker).text
        desk.work()
        again = desk.waiting()
        assert (again.asked_by, again.facts["at"]) == (asker.id, None)
        assert "承認し、公開しました" in desk.request_page(approver).submit("承認して公開する").text
        assert desk.sees()


def test_what_waits_is_asked_for_again_when_something_else_is_published(
    database: Database, tmp_path: Path
) -> None:
    with batch_desk(database, tmp_path, SecondPerson.ALL) as desk:
        asker, approver = desk.billing("高橋"), desk.billing("鈴木")
        day, time = desk.in_japan(2 * HOUR)
        desk.page(asker).submit("公開の承認を依頼する", day=day, time=time)
        page, first = desk.request_page(approver), desk.waiting()
        desk.publish_another()
        # The worker has not looked yet: the approval does nothing, and says why.
        page = page.submit("承認して公開を予約する")
        assert "依頼のあとで別の取込が公開された" in page.text
        assert "状態が変わり終了" in page.text
        assert desk.now().state is State.CHECKED
        assert (
            "検査し直してから承認を依頼します"
            in desk.page(asker).submit("公開の承認を依頼する", day=day, time=time).text
        )
        desk.work()
        second = desk.waiting()
        assert second.id != first.id
        desk.publish_another()
        desk.work()
        desk.work()
        third = desk.waiting()
        assert third.id != second.id, "by itself, after another check"
        assert third.facts["at"] == second.facts["at"]
        assert desk.now().checked_epoch is not None
        assert (
            "承認し、公開を予約しました" in desk.request_page(approver).submit("承認して公開を予約する").text
        )
        # Its time goes by before anybody approves: it is published when they do.
        page = desk.page(asker).submit("予約を取り消す")
        page.submit("公開の承認を依頼する", day=day, time=time)
        desk.wait(3 * HOUR)
        page = desk.request_page(approver)
        assert "承認すると、すぐに公開されます" in page.text
        page.submit("承認して公開する")
        assert desk.sees()


def test_a_request_is_declined_with_a_reason_withdrawn_or_over(database: Database, tmp_path: Path) -> None:
    with batch_desk(database, tmp_path, SecondPerson.ALL) as desk:
        asker, approver = desk.billing("高橋"), desk.billing("鈴木")
        desk.page(asker).submit("公開の承認を依頼する")
        page, own, stale = desk.request_page(approver), desk.request_page(asker), desk.request_page(approver)
        assert page.submit("承認しない").status == 400
        page.visitor.client.delete_cookie("form", domain="127.0.0.1")
        page = page.submit("承認しない", reply="合計が合いません")
        assert "依頼を断りました" not in page.text
        assert "合計が合いません" in page.text
        page = page.submit("承認しない", reply="合計が合いません")
        assert "依頼を断りました" in page.text
        assert "合計が合いません" in at_desk(desk.app, database, asker).get(own.path).text
        assert "すでに断られています" in stale.submit("承認して公開する").text
        assert own.submit("取り下げる").status == 400
        desk.page(asker).submit("公開の承認を依頼する")
        own, stale = desk.request_page(asker), desk.request_page(approver)
        assert "依頼を取り下げました" in own.submit("取り下げる").text
        assert "取り下げました" in stale.submit("承認しない", reply="いいえ").text
        desk.page(asker).submit("公開の承認を依頼する")
        stale = desk.request_page(approver)
        desk.page(asker).submit("検査し直す")
        desk.work()
        assert "公開する内容が変わったため、終わりました" in stale.submit("承認しない", reply="いいえ").text
        for deed in ("", "/approve", "/decline", "/withdraw"):
            gone = at_desk(desk.app, database, approver).get(f"/staff/batches/requests/nothing{deed}")
            assert gone.status in (404, 405)
        assert not desk.sees()


def pressed(page: Page, button: str, **typed: str) -> Callable[[], Page]:
    """A button that somebody is about to press."""
    return lambda: page.submit(button, **typed)


def test_of_deeds_at_the_same_moment_one_is_done_and_the_other_gets_a_sentence(
    database: Database, tmp_path: Path
) -> None:
    with batch_desk(database, tmp_path) as desk:
        staff = [desk.billing(name) for name in ("高橋", "鈴木", "中村")]

        def together(*buttons: str, **typed: str) -> list[Page]:
            pages = [desk.page(who) for who, _ in zip(staff, buttons, strict=False)]
            deeds = [pressed(page, button, **typed) for page, button in zip(pages, buttons, strict=True)]
            after = at_the_same_time(deeds)
            assert sorted(page.status for page in after) == [200, *[400] * (len(buttons) - 1)]
            assert all(
                "状態が変わったため、何もしていません" in page.text for page in after if page.status == 400
            )
            return after

        together("公開する", "公開する", "却下する")
        if desk.now().state is State.REFUSED:
            desk.page(staff[0]).submit("検査し直す")
            desk.work()
            desk.page(staff[0]).submit("公開する")
        assert desk.actions().count("batch.published") == 1
        together("公開を取り消す", "公開を取り消す", reason="誤り")
        assert desk.actions().count("batch.taken_back") == 1
        desk.page(staff[0]).submit("検査し直す")
        desk.work()
        day, time = desk.in_japan(HOUR)
        desk.page(staff[0]).submit("日時を指定して公開する", day=day, time=time)
        together("公開する", "予約を取り消す")
        assert desk.now().state in (State.PUBLISHED, State.CHECKED)


def test_of_two_who_approve_one_does_and_nothing_is_published_that_was_overtaken(
    database: Database, tmp_path: Path
) -> None:
    with batch_desk(database, tmp_path, SecondPerson.ALL) as desk:
        asker, *others = (desk.billing(name) for name in ("高橋", "鈴木", "中村"))
        desk.page(asker).submit("公開の承認を依頼する")
        pages = [desk.request_page(who) for who in others]
        after = at_the_same_time([pressed(page, "承認して公開する") for page in pages])
        assert sorted(page.status for page in after) == [200, 400]
        assert any("すでに承認されています" in page.text for page in after)
        assert desk.actions().count("batch.published") == 1
        desk.page(asker).submit("公開を取り消す", reason="誤り").submit("検査し直す")
        desk.work()
        desk.page(asker).submit("公開の承認を依頼する")
        approve, withdraw = desk.request_page(others[0]), desk.request_page(asker)
        at_the_same_time([pressed(approve, "承認して公開する"), pressed(withdraw, "取り下げる")])
        with database.reading() as connection:
            ended = approvals.find(connection, approve.path.split("/")[-1], now=desk.clock.now())
        assert ended is not None
        was_approved = ended.state is RequestState.APPROVED
        assert (was_approved, ended.state is RequestState.WITHDRAWN) == (desk.sees(), not desk.sees())


def test_numbers_that_change_need_a_second_person_whatever_the_setting_says(
    database: Database, tmp_path: Path
) -> None:
    with batch_desk(database, tmp_path) as desk:
        asker = desk.billing("高橋")
        outcome = desk.delivering.check(
            customers=customers(customer("90012")), changes=number_changes(number_change("70012", "90012"))
        )
        page = desk.page(asker, outcome.batches[0].id)
        assert "公開の承認を依頼する" in page.text, "the whole delivery waits"
        boxes = [each for each in page.root.all("input") if each.attributes.get("type") == "checkbox"]
        assert boxes == [], "nobody is told of numbers in a notice of bills"
        page.submit("公開の承認を依頼する")
        page = desk.request_page(desk.billing("鈴木"))
        assert "お客様番号の変更" in page.text
        assert "契約者" in page.text
