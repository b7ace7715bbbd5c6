"""One client address: IPv4 as it is, IPv6 by /64; forwarded ones only from proxies that are trusted."""

from ipaddress import ip_network

import pytest

from mypage.web.client_address import UNKNOWN, counted

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", [" 198.51.100.1 "], "198.51.100.1"),
        # The client wrote the first one itself; our proxy added the second.
        ("10.0.0.1", ["1.2.3.4", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1", "10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.3", "10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1", ""], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8:1:2:3::4]:443"], "2001:db8:1:2::/64"),
        ("fd00::1", ["2001:db8:1:2:ffff::1"], "2001:db8:1:2::/64"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", [], "203.0.113.7"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        (None, ["198.51.100.1"], UNKNOWN),
        ("a socket", [], UNKNOWN),
    ],
)
def test_what_counts_as_one_client(peer: str | None, forwarded: list[str], expected: str) -> None:
    assert counted(peer, forwarded, PROXIES) == expected


def test_nobody_is_trusted_unless_it_is_set() -> None:
    assert counted("10.0.0.1", ["198.51.100.1"], ()) == "10.0.0.1"
