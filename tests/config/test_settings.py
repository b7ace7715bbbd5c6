"""Settings: one table that is read, checked, printed and documented."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mypage.config import values
from mypage.config.load import ConfigError, load, rows

ROOT = Path(__file__).resolve().parents[2]
KEY = "k" * 32
GOOD = {"MYPAGE_SECRET_KEYS": KEY}


def mypage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MYPAGE_")}
    return subprocess.run(
        [sys.executable, "-m", "mypage", *arguments],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def sentences(environment: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load(environment)
    return raised.value.sentences


def test_the_sample_values_work() -> None:
    settings = load(GOOD)
    assert settings.months_shown == 15
    assert str(settings.first_month) == "2020-07"
    assert settings.sender_domain == "example.jp"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://somewhere"),
        ("SECRET_KEYS", "short"),
        ("PUBLIC_URL", "http://my.example.jp"),
        ("PUBLIC_URL", "https://my.example.jp/portal"),
        ("SMTP_URL", "http://mail"),
        ("SMTP_URL", "smtp://mail:port"),
        ("MAIL_FROM", "MyPage <mypage@example.jp>"),
        ("MAIL_FROM", "a@example.jp\nBcc: b@example.jp"),
        ("MAIL_ENVELOPE_FROM", "nobody"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("HELP_MOVING", "\\n \\n"),
        ("HELP_MOVING", "http://www.example.jp/moving"),
        ("HELP_RECEIPT", "https://"),
        ("HELP_RECEIPT", "https://[www.example.jp"),
        ("HELP_RECEIPT", "ご案内です。\\nhttps://www.example.jp/a https://www.example.jp/b"),
        ("PASSWORD_PROFILE", "easy"),
        ("SIGNUP_PROOF", "maybe"),
        ("FIRST_MONTH", "2020-13"),
        ("MONTHS_SHOWN", "0"),
        ("AUDIT_SEARCH_DAYS", "91"),
        ("AUDIT_SEARCH_DAYS", "0"),
        ("AUDIT_DETAIL_DAYS", "89"),
        ("AUDIT_DETAIL_DAYS", "99999"),
        ("MONTHS_AFTER_END", "-1"),
        ("KEY_COLOUR", "blue"),
        ("CUSTOMER_NUMBER_PATTERN", "("),
        ("OPERATOR_NAME", " "),
        ("DEMO", "perhaps"),
        ("DATABASE_OWNER_URL", "owner"),
        ("FILES", "tape"),
        ("FILES_BUCKET", "https://s3.example.jp/kept"),
        ("FILES_BUCKET", "ftp://key:secret@s3.example.jp/kept"),
        ("FILES_BUCKET", "https://key:secret@s3.example.jp"),
        ("FILES_BUCKET", "https://key:secret@s3.example.jp:port/kept"),
        ("FILES_BUCKET", "https://key:secret@s3.example.jp/kept/../x y"),
        ("FILE_KEYS", "short"),
        ("FILE_LARGEST", "0"),
        ("FILE_LARGEST", "9999999"),
        ("FILE_DAYS", "99999"),
    ],
)
def test_a_wrong_value_is_told_by_name_with_what_to_do(name: str, value: str) -> None:
    told = sentences({**GOOD, f"MYPAGE_{name}": value})
    assert len(told) == 1
    assert told[0].startswith(f"MYPAGE_{name} の値")
    assert "ください" in told[0]


def test_all_wrong_values_are_told_at_once_and_secrets_are_not_repeated() -> None:
    told = sentences({"MYPAGE_SECRET_KEYS": "tooshort", "MYPAGE_PORT": "x", "MYPAGE_DATBASE_URL": "y"})
    assert len(told) == 3
    assert "tooshort" not in "".join(told)
    assert any("MYPAGE_DATBASE_URL という設定はありません" in each for each in told)


def test_files_hold_secrets_and_toml_the_rest(tmp_path: Path) -> None:
    secret, toml = tmp_path / "keys", tmp_path / "mypage.toml"
    secret.write_text(f"{KEY}\n", encoding="utf-8")
    toml.write_text(
        'operator_name = "あおぞら電力"\nmonths_shown = 12\ntrusted_proxies = ["10.0.0.0/8"]\nfold_v = true\n',
        encoding="utf-8",
    )
    settings = load(
        {"MYPAGE_SECRET_KEYS_FILE": str(secret), "MYPAGE_CONFIG": str(toml), "MYPAGE_MONTHS_SHOWN": "13"}
    )
    assert settings.secret_keys == (KEY,)
    assert settings.operator_name == "あおぞら電力"
    assert settings.months_shown == 13, "the environment wins"
    assert settings.fold_v is True
    assert [str(each) for each in settings.trusted_proxies] == ["10.0.0.0/8"]
    sources = {row.name: row.source for row in rows({"MYPAGE_CONFIG": str(toml)})}
    assert sources["MYPAGE_OPERATOR_NAME"] == "MYPAGE_CONFIG"
    assert sources["MYPAGE_PORT"] == "default"


@pytest.mark.parametrize("content", ["operator_name = ", "nonsense = 1"])
def test_a_wrong_file_is_told(tmp_path: Path, content: str) -> None:
    toml = tmp_path / "mypage.toml"
    toml.write_text(content, encoding="utf-8")
    assert len(sentences({**GOOD, "MYPAGE_CONFIG": str(toml)})) == 1
    assert len(sentences({"MYPAGE_SECRET_KEYS_FILE": str(tmp_path / "none")})) == 1


@pytest.mark.parametrize(
    "environment",
    [
        {"MYPAGE_DEMO": "true", "MYPAGE_PUBLIC_URL": "https://my.example.jp"},
        {"MYPAGE_CLOCK_FILE": "clock", "MYPAGE_PUBLIC_URL": "https://my.example.jp"},
        {"MYPAGE_MAILBOX": "mail"},
    ],
)
def test_what_only_the_demo_may_do_is_refused_elsewhere(environment: dict[str, str]) -> None:
    assert len(sentences({**GOOD, **environment})) == 1


@pytest.mark.parametrize(
    "raw",
    [
        "一つめ。\n\n 二つめ。 \nhttps://www.example.jp/a?b=1",
        "一つめ。\\n二つめ。\\nhttps://www.example.jp/a?b=1",
    ],
)
def test_a_text_for_subscribers_has_paragraphs_wherever_it_comes_from(raw: str) -> None:
    settings = load({**GOOD, "MYPAGE_HELP_MOVING": raw})
    assert settings.help_moving == ("一つめ。", "二つめ。", "https://www.example.jp/a?b=1")


def test_a_bucket_is_named_by_one_address() -> None:
    assert values.s3_server(" ") is None
    assert values.s3_server("https://A%2FB:s%40t@s3.example.jp:9000/kept/my/page?region=ap-northeast-1") == (
        values.S3Server("https://s3.example.jp:9000", "kept", "my/page", "ap-northeast-1", "A/B", "s@t")
    )
    usual = values.s3_server("http://a:b@[::1]/kept")
    assert usual is not None
    assert (usual.endpoint, usual.prefix, usual.region) == ("http://[::1]", "", "us-east-1")


@pytest.mark.parametrize("place", ["disk", "s3"])
def test_a_place_for_files_is_named_together_with_its_kind(place: str) -> None:
    (told,) = sentences({**GOOD, "MYPAGE_FILES": place})
    assert "MYPAGE_FILES" in told


def test_smtp_urls_say_how_mail_is_handed_over() -> None:
    server = load({**GOOD, "MYPAGE_SMTP_URL": "smtp+starttls://na%40me:p%3Aw@mail.example.jp"}).smtp
    assert (server.host, server.port, server.security) == ("mail.example.jp", 587, "starttls")
    assert (server.username, server.password) == ("na@me", "p:w")
    assert load({**GOOD, "MYPAGE_SMTP_URL": "smtps://mail.example.jp"}).smtp.port == 465


def test_the_page_about_settings_is_written_by_the_table() -> None:
    said = mypage("config", "--markdown")
    assert said.stdout == (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_config_prints_value_source_and_meaning_but_no_secret() -> None:
    said = mypage("config", "--json", MYPAGE_SECRET_KEYS=KEY, MYPAGE_PORT="9000")
    assert said.returncode == 0
    assert KEY not in said.stdout
    by_name = {row["name"]: row for row in json.loads(said.stdout)}
    assert by_name["MYPAGE_PORT"]["value"] == "9000"
    assert by_name["MYPAGE_PORT"]["source"] == "MYPAGE_PORT"
    assert all(row["what"] and row["what_en"] for row in by_name.values())
    plain = mypage("config", MYPAGE_SECRET_KEYS=KEY)
    assert "MYPAGE_PUBLIC_URL = http://127.0.0.1:8080" in plain.stdout
    assert KEY not in plain.stdout


@pytest.mark.parametrize("command", [["web"], ["worker"], ["db", "upgrade"], ["doctor"], ["config"]])
def test_a_wrong_value_stops_every_command_with_a_sentence(command: list[str]) -> None:
    said = mypage(*command, MYPAGE_SECRET_KEYS=KEY, MYPAGE_PORT="eighty")
    assert said.returncode in (1, 2)
    assert "MYPAGE_PORT の値「eighty」を直してください" in said.stdout + said.stderr
    assert "Traceback" not in said.stderr
