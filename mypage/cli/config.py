"""``mypage config``: every setting with its value, its source and what it is for."""

import json
import os
import sys

import click

from mypage.config.load import ConfigError, Row, load, rows


@click.command("config")
@click.option("--json", "as_json", is_flag=True, help="機械のための形 / for machines")
@click.option("--markdown", is_flag=True, help="docs/settings.md の形 / as docs/settings.md")
def config_command(as_json: bool, markdown: bool) -> None:
    """すべての設定と、その値・出どころ・意味 / All settings, their values, sources and meaning."""
    if markdown:
        click.echo(document(rows({})), nl=False)
        return
    found, sentences = _checked()
    if as_json:
        click.echo(json.dumps([_facts(row) for row in found], ensure_ascii=False, indent=1))
    else:
        for row in found:
            click.echo(f"{row.name} = {_shown(row)}\n    {row.what}\n    {row.what_en}\n    ({row.source})")
    for sentence in sentences:
        click.echo(sentence, err=True)
    sys.exit(2 if sentences else 0)


def document(table: list[Row]) -> str:
    """The settings as the page ``docs/settings.md``, from the same table that reads them."""
    lines = [
        "# Settings",
        "",
        "Written by `mypage config --markdown`; a test compares.",
        "A setting comes from the environment, else from the file that `MYPAGE_…_FILE` names, else from the TOML",
        "file that `MYPAGE_CONFIG` names (names in lower case, without `MYPAGE_`), else it is the sample value here.",
        "",
        "| name | sample value | 意味 | meaning |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| `{row.name}` | {_cell(row.value)} | {row.what} | {row.what_en} |" for row in table]
    return "\n".join(lines) + "\n"


def _cell(value: str) -> str:
    return f"`{value}`" if value else "–"


def _shown(row: Row) -> str:
    if not row.secret or row.source == "default":
        return row.value
    return "（表示しません）" if row.value else ""


def _facts(row: Row) -> dict[str, str]:
    return {
        "name": row.name,
        "value": _shown(row),
        "source": row.source,
        "what": row.what,
        "what_en": row.what_en,
    }


def _checked() -> tuple[list[Row], list[str]]:
    """The rows and what is wrong with them; where a file cannot be read, there are only the sentences."""
    found: list[Row] = []
    try:
        found = rows(os.environ)
        load(os.environ)
    except ConfigError as error:
        return found, error.sentences
    return found, []
