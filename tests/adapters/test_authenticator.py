"""Authenticator apps: the codes of RFC 6238, and a picture that a style sheet may size."""

import base64
from xml.etree import ElementTree

import pytest

from mypage.adapters import authenticator
from mypage.domain.second_factor import STEP_SECONDS

# RFC 6238, appendix B (SHA-1), the last six digits.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}


@pytest.mark.parametrize(("seconds", "code"), VECTORS.items())
def test_the_codes_of_the_standard(seconds: int, code: str) -> None:
    step = seconds // STEP_SECONDS
    assert authenticator.code_at(SECRET, step) == code
    assert authenticator.matching_step(SECRET, code, range(step - 1, step + 2)) == step
    assert authenticator.matching_step(SECRET, code, range(step + 1, step + 4)) is None


def test_each_secret_has_160_bits_and_is_another_one() -> None:
    secrets = {authenticator.new_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert {len(base64.b32decode(secret)) for secret in secrets} == {20}
    assert authenticator.in_groups("ABCDEFGHIJ") == "ABCD EFGH IJ"


def test_the_picture_is_whole_at_any_size_and_holds_no_style() -> None:
    address = authenticator.address(SECRET, name="ichirou", issuer="サンプルケーブル")
    assert address.startswith("otpauth://totp/")
    assert f"secret={SECRET}" in address
    picture = authenticator.picture(address, title="QR")
    root = ElementTree.fromstring(picture)  # noqa: S314 - ours
    assert root.attrib.keys() == {"viewBox", "class"}
    _, _, width, height = root.attrib["viewBox"].split()
    assert width == height
    assert [each.text for each in root if each.tag.endswith("title")] == ["QR"]
    assert "style" not in picture
