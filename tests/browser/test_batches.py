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
# Nobody of the sample has these numbers; more than 1 MB, so that it goes in two pieces.
LARGE = charges(*[charge(f"99{number:08}", month="2026-12") for number in range(22_000)])
SMALL = payments(payment("9900000001", month="2026-12"))
_DROP = """([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name, { type: "text/csv" }));
    for (const kind of ["dragover", "drop"]) {
        document.querySelector("[data-drop]").dispatchEvent(
            new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
    }
}"""


def test_files_go_in_pieces_over_a_line_that_breaks_and_the_page_tells_when_they_are_checked(
    portal: Portal, person: Callable[..., Person]
) -> None:
    billing = at_console(portal, person(width=1280), Role.BILLING, "料金")
    billing.go("/staff/batches")
    sent: list[str] = []

    def breaking(route: Route) -> None:
        sent.append(route.request.method)
        if sent.count("PATCH") == 2 and sent[-1] == "PATCH":
            # As a proxy that has lost the server for a moment.
            route.fulfill(status=423, headers={"Tus-Resumable": "1.0.0"})
        else:
            route.continue_()

    billing.page.route("**/staff/batches/uploads**", breaking)
    billing.page.set_input_files("#files", {"name": "十二月.csv", "mimeType": "text/csv", "buffer": LARGE})
    billing.page.evaluate(_DROP, ["入金.csv", SMALL.decode()])
    assert billing.page.locator("[data-files] li").count() == 2
    billing.page.evaluate(_DROP, ["いらない.csv", "x"])
    billing.press("いらない.csvを取り消す", look=False)
    billing.page.get_by_role("button", name="渡して検査する").click()
    billing.page.wait_for_url("**/staff/batches?said=batches_received", timeout=60_000)
    # Two at least for the large one, once more after the break, and once for the small one.
    assert sent.count("PATCH") >= 4
    assert sent.count("HEAD") >= 1
    # The list comes anew by itself when the check is over.
    billing.page.locator("[data-progress]").first.wait_for(state="detached", timeout=60_000)
    billing.page.locator("table.batch-rows").last.get_by_role("link", name="請求").first.click()
    billing.arrive()
    assert billing.sees("お客様が契約者ファイルにありません。")
    assert billing.sees("22,000件")
    billing.page.set_viewport_size({"width": 768, "height": 1024})
    billing.look()


def test_without_javascript_the_form_carries_the_files(portal: Portal, person: Callable[..., Person]) -> None:
    billing = at_console(portal, person(width=768, javascript=False), Role.BILLING, "料金二")
    billing.go("/staff/batches")
    billing.page.set_input_files("#files", {"name": "a.csv", "mimeType": "text/csv", "buffer": SMALL})
    billing.press("渡して検査する")
    assert billing.path.endswith("?said=batch_received"), billing.path
    assert billing.sees("この画面を閉じても、検査は続きます")
