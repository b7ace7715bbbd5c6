"""What is true of every page, whichever test fetched it."""

import re
from itertools import pairwise
from urllib.parse import urlsplit

from tests.html import Element

LABELLED = ("input", "select", "textarea")


def inspect(root: Element, headers: dict[str, str], path: str) -> None:
    """Fail with a sentence for whatever is wrong with the page at ``path``."""
    _document(root, path)
    _ids(root, path)
    _fields(root, path)
    _forms(root, path)
    _hosts(root, path)
    _safety(root, headers, path)


def _document(root: Element, path: str) -> None:
    html = root.first("html")
    assert html.attributes.get("lang") in ("ja", "en"), f"{path}: no language"
    title = root.first("head").first("title").text()
    assert re.fullmatch(r".+[|｜].+", title), f"{path}: title 「{title}」 is not 'what it is | operator'"
    assert len(root.all("h1")) == 1, f"{path}: {len(root.all('h1'))} main headings"
    assert len(root.all("main")) == 1, f"{path}: {len(root.all('main'))} <main>"
    errors = [each for each in root.walk() if each.attributes.get("aria-invalid") == "true"]
    if errors:
        assert title.startswith(("エラー：", "Error: ")), (
            f"{path}: an error that the title does not tell: {title}"
        )
    levels = [int(each.tag[1]) for each in root.walk() if re.fullmatch(r"h[1-6]", each.tag)]
    for before, after in pairwise(levels):
        assert after <= before + 1, f"{path}: a heading h{after} after h{before}"


def _ids(root: Element, path: str) -> None:
    ids = [each.attributes["id"] for each in root.walk() if each.attributes.get("id")]
    assert len(ids) == len(set(ids)), f"{path}: ids twice {sorted(i for i in ids if ids.count(i) > 1 and i)}"
    for each in root.walk():
        for name in ("aria-describedby", "aria-labelledby", "aria-controls", "for"):
            for target in (each.attributes.get(name) or "").split():
                assert target in ids, f"{path}: {name} points to #{target}, which is not there"
        href = each.attributes.get("href") or ""
        if each.tag == "a" and href.startswith("#"):
            assert href[1:] in ids, f"{path}: a link to {href}, which is not there"


def _fields(root: Element, path: str) -> None:
    labels = {each.attributes.get("for") for each in root.all("label")}
    for each in root.walk():
        if each.tag not in LABELLED or each.attributes.get("type") in ("hidden", "submit", "button"):
            continue
        named = each.attributes.get("id") in labels or each.attributes.get("aria-label")
        assert named, f"{path}: the field {each.attributes.get('name')} has no label"
        assert "placeholder" not in each.attributes, f"{path}: a placeholder on {each.attributes.get('name')}"
    for each in root.all("button") + root.all("a"):
        assert each.text() or each.attributes.get("aria-label"), f"{path}: <{each.tag}> without words"
    for each in root.all("img"):
        assert "alt" in each.attributes, f"{path}: a picture without words"


def _forms(root: Element, path: str) -> None:
    for form in root.all("form"):
        action = form.attributes.get("action") or ""
        assert re.match(r"/(?!/)", action), f"{path}: form action {action!r}"
        if (form.attributes.get("method") or "get").lower() == "post":
            token = [each for each in form.all("input") if each.attributes.get("name") == "csrf_token"]
            assert [each.attributes.get("value") for each in token] != [], (
                f"{path}: no token in the form to {action}"
            )
            assert token[0].attributes.get("value"), f"{path}: an empty token in the form to {action}"


def _hosts(root: Element, path: str) -> None:
    for each in root.walk():
        for name in ("src", "href", "action", "formaction", "srcset", "poster"):
            target = each.attributes.get(name) or ""
            parts = urlsplit(target)
            ours = not parts.netloc and parts.scheme in ("", "tel", "mailto", "data")
            demo_link = path.startswith("/dev/") and parts.hostname in ("127.0.0.1", "localhost")
            # The operator's own pages, where a setting names them: followed by a person, loaded by no page.
            theirs = each.tag == "a" and "external" in (each.attributes.get("rel") or "").split()
            assert ours or demo_link or theirs, f"{path}: {name}={target} leads to another host"


def _safety(root: Element, headers: dict[str, str], path: str) -> None:
    policy = headers.get("Content-Security-Policy", "")
    assert "default-src 'none'" in policy, f"{path}: policy {policy!r}"
    assert "unsafe" not in policy, f"{path}: policy {policy!r}"
    assert headers.get("Cache-Control") == "no-store", (
        f"{path}: may be kept by {headers.get('Cache-Control')!r}"
    )
    for each in root.walk():
        assert "style" not in each.attributes, f"{path}: a style attribute on <{each.tag}>"
        assert not any(name.startswith("on") for name in each.attributes), (
            f"{path}: a handler on <{each.tag}>"
        )
        assert each.tag != "style", f"{path}: a style element"
        if each.tag == "script":
            assert each.attributes.get("src"), f"{path}: a script in the page"
