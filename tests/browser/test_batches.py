"""料金データ before a real browser: files are dropped and chosen, sent over a line that breaks, and checked by the worker."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route

from mypage.domain.staff import Role
from tests.browser.conftest import Portal
from tests.browser.desks import at_console
from tests.browser.person import Person
from tests.delivering import charge, charges, payment, payments

pytestmark = pytest.mark.browser
# Nobody of the sample has these numbers; some 1 MB.
LARGE = charges(*[charge(f"99{number:08}", month="2026-12") for number in range(20_000)])
SMALL = payments(payment("9900000001", month="2026-12"))
HALF = 400_000
_DROP = """([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name, { type: "text/csv" }));
    for (const kind of ["dragover", "drop"]) {
        document.querySelector("[data-drop]").dispatchEvent(
            new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
    }
}"""
# As another browser of theirs left it, whose line broke.
_BEGIN = """async ([size, text]) => {
    const headers = { "Tus-Resumable": "1.0.0", "X-CSRFToken": document.querySelector("[name=csrf_token]").value };
    const named = { ...headers, "Upload-Length": String(size), "Upload-Metadata": "filename YmlsbHMuY3N2" };
    const begun = await fetch("/staff/batches/uploads", { method: "POST", headers: named });
    const piece = { ...headers, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream" };
    await fetch(begun.headers.get("Location"), { method: "PATCH", headers: piece, body: text });
}"""


def test_files_go_on_over_a_line_that_breaks_and_the_page_tells_when_they_are_checked(
    portal: Portal, person: Callable[..., Person]
) -> None:
    billing = at_console(portal, person(width=768), Role.BILLING, "料金")
    page = billing.page
    page.goto("/staff/batches")
    page.evaluate(_BEGIN, [len(LARGE), LARGE[:HALF].decode()])
    billing.go("/staff/batches")
    assert billing.sees("390.6 KBまで届いています")
    sent: list[tuple[str, str]] = []

    def breaking(route: Route) -> None:
        asked = route.request
        sent.append((asked.method, asked.headers.get("upload-offset", "")))
        if sent[-1] == ("PATCH", str(HALF)) and sent.count(sent[-1]) == 1:
            # As a proxy that has lost the server for a moment.
            route.fulfill(status=423, headers={"Tus-Resumable": "1.0.0"})
        else:
            route.continue_()

    page.route("**/staff/batches/uploads**", breaking)
    page.evaluate(_DROP, ["payments.csv", SMALL.decode()])
    page.evaluate(_DROP, ["not-wanted.csv", "x"])
    billing.press("not-wanted.csvを取り消す", look=False)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="続ける").click()
    chooser.value.set_files({"name": "bills.csv", "mimeType": "text/csv", "buffer": LARGE})
    page.wait_for_url("**/staff/batches?said=batches_received", timeout=60_000)
    # Nothing is sent twice but the piece that nobody took.
    assert sent.count(("PATCH", str(HALF))) == 2
    assert sent.count(("PATCH", "0")) == 1  # the small one
    # The list comes anew by itself when the check is over.
    page.locator("[data-progress]").first.wait_for(state="detached", timeout=60_000)
    page.locator("table.batch-rows").last.get_by_role("link", name="請求").first.click()
    billing.arrive()
    assert billing.sees("お客様が契約者ファイルにありません。")
    assert billing.sees("20,000件")
    billing.look()


def test_without_javascript_the_form_carries_the_files(portal: Portal, person: Callable[..., Person]) -> None:
    billing = at_console(portal, person(width=1280, javascript=False), Role.BILLING, "料金二")
    billing.page.goto("/staff/batches")
    billing.page.set_input_files("#files", {"name": "a.csv", "mimeType": "text/csv", "buffer": SMALL})
    billing.press("渡して検査する")
    assert billing.path.endswith("?said=batch_received"), billing.path
    assert billing.sees("この画面を閉じても、検査は続きます")
