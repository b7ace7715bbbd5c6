"""Read the settings from environment, files and defaults; say every wrong one in a sentence."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from mypage.config.settings import Settings

PREFIX = "MYPAGE_"
# The field holds the parsed server; the outside name says that it is a URL.
OUTSIDE_NAMES = {"smtp": "SMTP_URL"}


class ConfigError(Exception):
    """One or more settings are wrong; ``sentences`` says which, why and what to do."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class Row:
    """A setting as ``mypage config`` prints it."""

    name: str
    value: str
    source: str
    what: str
    what_en: str
    secret: bool


def outside_name(field_name: str) -> str:
    """The name after ``MYPAGE_``."""
    return OUTSIDE_NAMES.get(field_name, field_name.upper())


def rows(environment: Mapping[str, str]) -> list[Row]:
    """Every setting with the text that is in force and where it came from."""
    toml = _toml(environment)
    found = []
    for spec in fields(Settings):
        name = outside_name(spec.name)
        raw, source = _raw(name, spec.metadata["default"], environment, toml)
        meta = spec.metadata
        found.append(Row(PREFIX + name, raw, source, meta["what"], meta["what_en"], meta["secret"]))
    return found


def load(environment: Mapping[str, str]) -> Settings:
    """The checked settings. Raises :class:`ConfigError` naming every setting that is wrong or unknown."""
    sentences = _unknown(environment)
    checked: dict[str, Any] = {}
    for spec, row in zip(fields(Settings), rows(environment), strict=True):
        try:
            checked[spec.name] = spec.metadata["read"](row.value)
        except ValueError as error:
            shown = "" if row.secret else f"「{row.value}」"
            sentences.append(f"{row.name} の値{shown}を直してください（{row.source}）。{error}。")
    if not sentences:
        sentences.extend(_contradictions(Settings(**checked)))
    if sentences:
        raise ConfigError(sentences)
    return Settings(**checked)


def _contradictions(settings: Settings) -> list[str]:
    sentences = []
    if settings.clock_file and not settings.is_loopback:
        sentences.append(
            "MYPAGE_CLOCK_FILE はデモとテストだけで使えます。公開アドレスで動かすときは消してください。"
        )
    if settings.demo and not settings.is_loopback:
        sentences.append(
            "デモは自分のマシンだけで動きます。MYPAGE_PUBLIC_URL を http://127.0.0.1:8080 のようにしてください。"
        )
    if settings.mailbox and not settings.demo:
        sentences.append(
            "MYPAGE_MAILBOX はデモだけで使えます。MYPAGE_DEMO を true にするか、消してください。"
        )
    if settings.files == "disk" and settings.files_folder is None:
        sentences.append("MYPAGE_FILES が disk のときは、MYPAGE_FILES_FOLDER にフォルダーを入れてください。")
    if settings.files == "s3" and settings.files_bucket is None:
        sentences.append("MYPAGE_FILES が s3 のときは、MYPAGE_FILES_BUCKET に場所を入れてください。")
    return sentences


def _unknown(environment: Mapping[str, str]) -> list[str]:
    known = {PREFIX + outside_name(spec.name) for spec in fields(Settings)}
    known |= {name + "_FILE" for name in known} | {PREFIX + "CONFIG"}
    sentences = [
        f"{name} という設定はありません。名前を `mypage config` で確かめてください。"
        for name in sorted(environment)
        if name.startswith(PREFIX) and name not in known
    ]
    known_toml = {outside_name(spec.name).lower() for spec in fields(Settings)}
    sentences += [
        f"設定ファイルの {name} という設定はありません。名前を `mypage config` で確かめてください。"
        for name in sorted(_toml(environment))
        if name not in known_toml
    ]
    return sentences


def _raw(name: str, default: str, environment: Mapping[str, str], toml: Mapping[str, Any]) -> tuple[str, str]:
    variable = PREFIX + name
    if variable in environment:
        return environment[variable], variable
    if variable + "_FILE" in environment:
        file = Path(environment[variable + "_FILE"])
        try:
            return file.read_text(encoding="utf-8").strip(), f"{variable}_FILE"
        except (OSError, UnicodeDecodeError):
            raise ConfigError([f"{variable}_FILE のファイル {file} が読めません。"]) from None
    if name.lower() in toml:
        value = toml[name.lower()]
        if isinstance(value, bool):
            return str(value).lower(), "MYPAGE_CONFIG"
        return ",".join(map(str, value)) if isinstance(value, list) else str(value), "MYPAGE_CONFIG"
    return default, "default"


def _toml(environment: Mapping[str, str]) -> Mapping[str, Any]:
    if not environment.get(PREFIX + "CONFIG"):
        return {}
    file = Path(environment[PREFIX + "CONFIG"])
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise ConfigError([f"MYPAGE_CONFIG のファイル {file} がTOMLとして読めません。"]) from None
