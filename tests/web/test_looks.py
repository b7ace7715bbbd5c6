"""The colours of the style sheet, light and dark, and what no template may hold."""

import re
from pathlib import Path

import pytest

from mypage.domain.colour import contrast, mix

ROOT = Path(__file__).resolve().parents[2]
CSS = (ROOT / "static" / "mypage.css").read_text(encoding="utf-8")
TEXT, SHAPE = 4.5, 3.0
# The keys at the edge of what `mypage doctor` lets pass on white, beside the built-in one.
KEYS = ("#0017c1", "#767676", "#c2410c", "#000000", "#e0004d")


def properties(dark: bool, key: str) -> dict[str, str]:
    """The custom properties of a colour scheme that hold a plain colour, with ``key`` as the operator's."""
    light_block, dark_block = re.findall(r":root \{(.*?)\n\s*\}", CSS, re.DOTALL)[:2]
    found = dict(re.findall(r"--([a-z-]+): ([^;]+);", light_block + (dark_block if dark else "")))
    found |= {"key": key, "key-hover": mix(key, "#000000", 0.75), "key-light": mix(key, "#ffffff", 0.34)}
    for name, value in found.items():
        if reference := re.fullmatch(r"var\(--([a-z-]+)\)", value):
            found[name] = found[reference[1]]
    return {name: _long(value) for name, value in found.items() if value.startswith("#")}


def _long(colour: str) -> str:
    return "#" + "".join(2 * digit for digit in colour[1:]) if len(colour) == 4 else colour


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_word_can_be_read_in_both_schemes(dark: bool, key: str) -> None:
    colour = properties(dark, key)
    button = colour["key-light"] if dark else colour["key"]
    pairs = [(colour[name], colour["ground"]) for name in ("text", "muted", "link", "error", "success")]
    pairs += [(colour[name], colour["surface"]) for name in ("text", "muted")]
    pairs += [(colour["text"], colour["paper"]), (colour["on-key"], button)]
    for one, other in pairs:
        assert contrast(one, other) >= TEXT, (one, other)
    # Only large and bold links stand on a surface.
    assert contrast(colour["link"], colour["surface"]) >= SHAPE


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_frames_and_signs_can_be_seen_in_both_schemes(dark: bool) -> None:
    colour = properties(dark, "#0017c1")
    for name in ("frame", "error", "success", "warning-sign", "info", "link"):
        assert contrast(colour[name], colour["ground"]) >= SHAPE, name
    if dark:
        assert contrast(colour["focus-line"], colour["ground"]) >= SHAPE
    assert contrast(colour["focus-line"], colour["focus-ring"]) >= SHAPE


def test_the_style_sheet_asks_no_other_host_and_writes_nothing_below_14_px() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS
    sizes = [float(size) for size in re.findall(r"font-size: ([0-9.]+)(?:r?em)\b", CSS)]
    assert sizes
    assert min(sizes) >= 0.875


@pytest.mark.parametrize(
    "template", sorted((ROOT / "templates").rglob("*.html")), ids=lambda template: template.name
)
def test_templates_hold_nothing_that_the_policy_stops(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|<style", source)
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    assert "placeholder" not in source
    assert "|safe" not in re.sub(r"\s", "", source)
