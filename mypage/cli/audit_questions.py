"""``mypage audit looks`` and ``released``: who looked at a customer, and what a released account was shown.

Whoever asks here stands in the trail as ``cli``. Details are shown by ``released --for authority`` only.
"""

from collections.abc import Callable
from typing import Any

import click
from sqlalchemy import Connection

from mypage.cli.audit_asked import ACTOR, as_instant, as_line, json_option, keys_of, now_of, print_json
from mypage.command import open_database, settings
from mypage.config.settings import Settings
from mypage.domain.billing_month import BillingMonth
from mypage.services import trail_questions
from mypage.services.trail_questions import Purpose, Released
from mypage.shown import trail as shown
from mypage.words import trail as words


@click.command("looks")
@click.argument("number", metavar="CUSTOMER")
@json_option
def looks_command(number: str, as_json: bool) -> None:
    """お客様 CUSTOMER の情報を誰が見たか / Who looked at this customer."""

    def ask(connection: Connection, found: Settings) -> trail_questions.Looks:
        key = keys_of(connection, found, number)[0]
        return trail_questions.looks(connection, key, actor=ACTOR, now=now_of(found))

    looks = _asked(ask)
    if as_json:
        print_json(
            {
                "customer": list(looks.customer_keys),
                "looks": [shown.as_json(row, looks.names) for row in looks.rows],
                "complete": not looks.there_are_more,
                "shown_bills": [
                    {
                        "account": each.account_id,
                        "bills": each.bills,
                        "first_at": as_instant(each.first_at),
                        "last_at": as_instant(each.last_at),
                    }
                    for each in looks.watchers
                ],
            }
        )
        return
    for row in reversed(looks.rows):
        click.echo(as_line(row, looks.names))
    if looks.there_are_more:
        click.echo("これより前にもあります。`mypage audit search --customer` で書き出せます。")
    for each in looks.watchers:
        who = shown.who(
            each.account_id if each.account_id.startswith("staff:") else f"account:{each.account_id}",
            looks.names,
        )
        click.echo(
            f"明細 {each.bills}件が {who} に表示されました（{words.moment(each.first_at)} から {words.moment(each.last_at)} まで）"
        )
    if not looks.rows and not looks.watchers:
        click.echo("だれも見ていません。")


@click.command("released")
@click.argument("number", metavar="CUSTOMER")
@click.option(
    "--for",
    "purpose",
    type=click.Choice([purpose.value for purpose in Purpose]),
    default=Purpose.CUSTOMER.value,
    show_default=True,
    help="だれのために（監督官庁・お客様） / for whom",
)
@json_option
def released_command(number: str, purpose: str, as_json: bool) -> None:
    """お客様 CUSTOMER の解除された登録で何が見られたか / What released accounts of a customer were shown."""

    def ask(connection: Connection, found: Settings) -> list[Released]:
        key = keys_of(connection, found, number)[0]
        told = [
            trail_questions.tell_release(
                connection, row.seq, Purpose(purpose), actor=ACTOR, now=now_of(found)
            )
            for row in trail_questions.releases_of(connection, key)
        ]
        return [each for each in told if each is not None]

    releases = _asked(ask)
    if as_json:
        print_json({"releases": [_released_as_json(each) for each in releases]})
        return
    if not releases:
        click.echo("このお客様の登録が解除されたことはありません。")
    for each in releases:
        for line in _released_lines(each):
            click.echo(line)


def _asked(ask: Callable[[Connection, Settings], Any]) -> Any:
    """The answer to a question that leaves its row."""
    found = settings()
    with open_database(found.database_url) as database, database.writing() as connection:
        return ask(connection, found)


def _released_lines(found: Released) -> list[str]:
    since = words.moment(found.since) if found.since else "履歴にありません"
    lines = [
        f"お客様番号 {found.shown_number}  本登録 {since}  解除 {words.moment(found.release.at)}",
        f"  ログイン {len(found.logins)}回",
    ]
    lines += [
        f"    {words.moment(each.at)}{f'  {each.address}' if each.address else ''}" for each in found.logins
    ]
    lines += [
        f"  表示された明細 {BillingMonth.from_int(bill.month)} 請求番号{bill.number}  はじめて {words.moment(bill.at)}"
        for bill in found.bills
    ]
    if not found.bills:
        lines.append("  明細は、1件も表示されていません。")
    if found.logins:
        lines.append(
            "  ご契約内容の画面は、開かれたかどうかの記録がありません（開かれたものとして扱ってください）。"
        )
    lines += [f"  {name}: {value}" for name, value in (shown.detail(found.detail) if found.detail else ())]
    return lines


def _released_as_json(found: Released) -> dict[str, Any]:
    return {
        "seq": found.release.seq,
        "customer": found.release.customer_key,
        "account": found.release.account_id,
        "registered_at": as_instant(found.since),
        "released_at": as_instant(found.release.at),
        "released_by": found.release.actor,
        "logins": [{"at": as_instant(each.at), "address": each.address} for each in found.logins],
        "bills": [
            {
                "month": str(BillingMonth.from_int(bill.month)),
                "number": bill.number,
                "batch": bill.batch_id,
                "first_at": as_instant(bill.at),
                "sessions": bill.sessions,
            }
            for bill in found.bills
        ],
        "contract_page": "possible" if found.logins else "no",
        "detail": found.detail,
    }
