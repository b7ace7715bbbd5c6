"""Where a request comes from: what counts as one client address, and which forwarded addresses are believed."""

import ipaddress
from collections.abc import Iterable

from flask import request

from mypage.config.values import IpNetwork
from mypage.web.house import house

_IPV6_HOME = 64  # a household, a phone or a shop gets at least a /64 and changes addresses inside it at will
UNKNOWN = "unknown"


def client_address() -> str:
    """The client of the current request as throttles count it: an IPv4 address, or an IPv6 network of /64."""
    forwarded = [word for line in request.headers.getlist("X-Forwarded-For") for word in line.split(",")]
    return counted(request.remote_addr, forwarded, house().settings.trusted_proxies)


def counted(peer: str | None, forwarded: Iterable[str], trusted: Iterable[IpNetwork]) -> str:
    """The nearest address that is no proxy of ours.

    ``peer`` is who is connected, ``forwarded`` what the proxies wrote, the nearest last: each is believed only as
    far as the one who wrote it is trusted, for a client can send such a header itself. A proxy that forwards
    nothing that can be read is counted itself.
    """
    networks = tuple(trusted)
    nearest = _read(peer or "")
    for word in reversed(list(forwarded)):
        if nearest is None or not any(nearest in network for network in networks):
            break
        told = _read(word)
        if told is None:
            break
        nearest = told
    return UNKNOWN if nearest is None else _home(nearest)


def _read(word: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    text = word.strip()
    if text.startswith("["):  # [2001:db8::1]:443
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:  # 192.0.2.1:443
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address


def _home(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((int(address), _IPV6_HOME), strict=False))
