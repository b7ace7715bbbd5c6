"""The parts of every page: what ties label, help, input and error together, and what is said of errors."""

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, PasswordField, StringField
from wtforms.validators import DataRequired

from mypage.web.chart import draw_months
from mypage.words.filters import filters
from mypage.words.templates import LanguageEnvironment, environment
from tests.html import Element, parse


class Asked(Form):  # type: ignore[misc]
    number = StringField("お客様番号", [DataRequired("お客様番号をご入力ください。")])
    secret = PasswordField("パスワード", [DataRequired("パスワードをご入力ください。")])
    agreed = BooleanField("同意する", [DataRequired("ご確認ください。")])


@pytest.fixture
def japanese() -> LanguageEnvironment:
    constants = {"csrf_token": lambda: "token", "form_owner": lambda: "", "draw_months": draw_months}
    return environment("ja", filters("ja"), {**constants, "language": "ja"})


def drawn(japanese: LanguageEnvironment, part: str, call: str, **context: Any) -> Element:
    source = f'{{% import "parts/{part}.html" as part %}}{{{{ part.{call} }}}}'
    return parse(japanese.from_string(source).render(context))


def wrong(**typed: str) -> Asked:
    form = Asked(MultiDict(typed))
    assert not form.validate()
    return form


def test_help_and_error_describe_the_field_and_what_was_typed_stays(japanese: LanguageEnvironment) -> None:
    form = wrong(secret="himitsu")
    form.number.data = '090"<b>'
    root = drawn(
        japanese, "fields", 'text(form.number, help="右上の番号です。", inputmode="numeric")', form=form
    )
    field = root.first("input")
    assert field.attributes["value"] == '090"<b>'
    assert field.attributes["aria-invalid"] == "true"
    described = [root.by_id(each) for each in (field.attributes["aria-describedby"] or "").split()]
    assert [each.text() for each in described if each] == [
        "右上の番号です。",
        "エラー：お客様番号をご入力ください。",
    ]
    assert root.first("label").attributes["for"] == field.attributes["id"]
    assert "※必須" in root.first("label").text()


def test_a_field_without_error_says_so_to_nobody(japanese: LanguageEnvironment) -> None:
    root = drawn(japanese, "fields", "text(form.number, required=false)", form=Asked(MultiDict()))
    assert "aria-invalid" not in root.first("input").attributes
    assert "aria-describedby" not in root.first("input").attributes
    assert "※任意" in root.first("label").text()


def test_a_password_is_never_written_back(japanese: LanguageEnvironment) -> None:
    root = drawn(japanese, "fields", "password(form.secret)", form=wrong(secret="himitsu2026"))
    assert "value" not in root.first("input").attributes


def test_enter_in_the_id_field_sends_the_form_and_does_not_ask_the_check(
    japanese: LanguageEnvironment,
) -> None:
    root = drawn(japanese, "fields", 'login_id(form.number, "/signup/id-check")', form=Asked(MultiDict()))
    first, check = root.all("button")
    assert "formaction" not in first.attributes
    assert (first.attributes["aria-hidden"], first.attributes["tabindex"]) == ("true", "-1")
    assert (check.text(), check.attributes["formaction"]) == ("IDチェック", "/signup/id-check")


def test_the_summary_links_to_each_field_and_takes_the_focus(japanese: LanguageEnvironment) -> None:
    root = drawn(japanese, "errors", "summary(form)", form=wrong())
    assert root.first("h2").text() == "エラー：入力内容をご確認ください"
    links = {link.attributes["href"]: link.text() for link in root.all("a")}
    assert links == {
        "#number": "お客様番号をご入力ください。",
        "#secret": "パスワードをご入力ください。",
        "#agreed": "ご確認ください。",
    }
    box = root.by_id("errors")
    assert box is not None
    assert "autofocus" in box.attributes
    assert [each.attributes.get("role") for each in root.all("div")].count("alert") == 1


def test_what_concerns_the_whole_form_stands_in_the_summary_without_a_link(
    japanese: LanguageEnvironment,
) -> None:
    form = Asked(MultiDict())
    form.form_errors = ["一致しません。"]
    root = drawn(japanese, "errors", "summary(form, messages=('<i>3分</i>お待ちください。',))", form=form)
    assert [item.text() for item in root.all("li")] == ["<i>3分</i>お待ちください。", "一致しません。"]
    assert root.all("a") == []


def test_nothing_wrong_nothing_said(japanese: LanguageEnvironment) -> None:
    assert drawn(japanese, "errors", "summary(form)", form=Asked(MultiDict())).text() == ""


def test_the_steps_say_where_one_is(japanese: LanguageEnvironment) -> None:
    root = drawn(japanese, "steps", "steps(3)")
    current = [item for item in root.all("li") if item.attributes.get("aria-current") == "step"]
    assert len(root.all("li")) == 6
    assert [item.text() for item in current] == ["3確認"]


@pytest.mark.parametrize(
    ("kind", "said"), [("error", "エラー：届きません"), ("warning", "ご注意：届きません")]
)
def test_the_kind_of_a_notice_is_said_in_words(japanese: LanguageEnvironment, kind: str, said: str) -> None:
    assert drawn(japanese, "notices", f'notice("{kind}", "届きません")').first("h2").text() == said


def test_a_button_of_its_own_carries_the_token(japanese: LanguageEnvironment) -> None:
    root = drawn(japanese, "buttons", 'post("再送する", "/signup/resend", fields={"a": "1"})')
    hidden = {each.attributes["name"]: each.attributes["value"] for each in root.all("input")}
    assert hidden == {"csrf_token": "token", "a": "1"}
    assert root.first("form").attributes["method"] == "post"


def test_a_table_keeps_its_meaning_when_it_is_drawn_as_rows(japanese: LanguageEnvironment) -> None:
    source = (
        '{% import "parts/tables.html" as t %}{% call t.table("一覧", [("月", false), ("額", true)]) %}'
        '{% call t.row() %}{{ t.row_head("月", "10月") }}{{ t.cell("額", 5|yen, figure=true) }}{% endcall %}{% endcall %}'
    )
    root = parse(japanese.from_string(source).render())
    roles = [each.attributes.get("role") for each in root.walk() if each.attributes.get("role")]
    assert roles == [
        "table", "rowgroup", "row", "columnheader", "columnheader", "rowgroup", "row", "rowheader", "cell",
    ]  # fmt: skip
    assert (root.all("td")[0].text(), root.all("td")[0].attributes["data-label"]) == ("5円", "額")
