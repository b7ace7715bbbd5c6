"""The words of the trail and the hashes of its chain."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain.trail import GENESIS, Action, canonical, detail_digest, row_hash
from mypage.services.staff_search import Match
from mypage.words import trail as words
from tests import trail_facts

texts = st.text(st.characters(exclude_categories=["Cs"]))
documents = st.dictionaries(texts, texts | st.integers() | st.booleans() | st.none() | st.lists(texts))


def test_every_action_has_its_own_word() -> None:
    words = [action.word for action in Action]
    assert len(words) == len(set(words))
    assert all(word.count(".") == 1 for word in words)


@pytest.mark.parametrize("action", list(Action))
def test_an_action_carries_exactly_its_facts(action: Action) -> None:
    facts: dict[str, object] = dict.fromkeys(action.fact_names, "x")
    action.check(facts)
    with pytest.raises(ValueError, match=action.word):
        action.check({**facts, "one_more": "x"})
    for left_out in facts:
        with pytest.raises(ValueError, match=action.word):
            action.check({name: value for name, value in facts.items() if name != left_out})


@given(documents)
def test_one_form_whatever_the_order(document: dict[str, object]) -> None:
    turned = dict(reversed(document.items()))
    assert canonical(document) == canonical(turned)
    assert json.loads(canonical(document)) == document


@given(documents, documents)
def test_the_hash_tells_rows_apart(one: dict[str, object], other: dict[str, object]) -> None:
    assert (row_hash(one) == row_hash(other)) is (canonical(one) == canonical(other))


def test_the_form_is_fixed_for_good() -> None:
    # Rows of years are verified by it: who changes it breaks every chain there is.
    assert canonical({"b": "う", "a": [1, None, True]}) == '{"a":[1,null,true],"b":"う"}'
    assert row_hash({"seq": 1, "previous_hash": GENESIS}) == (
        "6abb40852e0e7aa0c6147e92aebd93fc49472fd49a4d3d64771baa11a3459be4"
    )
    assert detail_digest("salt", "detail") != detail_digest("pepper", "detail")
    assert len(GENESIS) == len(detail_digest("", "")) == 64


def test_every_fact_has_a_shape_that_nothing_personal_fits() -> None:
    names = {name for action in Action for name in (*action.fact_names, *action.always)}
    assert names == set(trail_facts.SHAPES), "tests/trail_facts.py"
    personal = (
        "tarou@example.jp",
        "山田 太郎",
        "ヤマダ タロウ",
        "03-1234-5678",
        "東京都港区1-2-3",
        "203.0.113.9",
    )
    for name, shape in trail_facts.SHAPES.items():
        if name in ("staff_id", "asked_by", "told", "message_id"):
            continue  # ids, which hold no more than that
        for each in personal:
            facts = json.dumps({name: each}, ensure_ascii=False)
            assert list(trail_facts.strange([("login.done", facts)])), (name, shape, each)


def test_an_instant_is_told_as_a_time_in_japan() -> None:
    assert words.fact("until", "2026-11-26T11:55:19.365808+00:00") == ("いつまで", "2026-11-26 20:55:19")


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("serial-2", "2通目のメール"),
        ("sessions-0", "ログイン中の端末 0台"),
        ("signup.login", "待ち時間（登録の認証）・待ち時間（ログイン）"),
        ("provisional", "仮登録中"),
        ("a word of a later release", "a word of a later release"),
    ],
)
def test_what_a_deed_found_is_told_in_words(state: str, told: str) -> None:
    assert words.fact("before", state) == ("まえ", told)
    assert words.fact("scope", "identity.number") == ("数えた単位", "登録の認証（お客様番号・電話番号ごと）")


def test_the_auditor_reads_by_what_a_search_found_in_words() -> None:
    name, told = words.fact("kinds", list(Match))
    assert name == "見つかった手がかり"
    assert re.search(r"[A-Za-z_]", told.replace("ID", "")) is None


def test_every_action_and_every_fact_has_its_words() -> None:
    assert {f"trail.{action.word}" for action in Action} == set(words.SENTENCES)
    assert {name for action in Action for name in (*action.fact_names, *action.always)} <= set(words.FACTS)
    assert words.title("unknown.deed") == "unknown.deed"
