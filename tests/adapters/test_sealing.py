"""What the database keeps encrypted, and for whom."""

import pytest

from mypage.adapters.sealing import CannotOpen, Sealer

OLD, NEW = "an-old-key-that-is-long-enough-0123456789", "a-new-key-that-is-long-enough-0123456789"


def test_what_was_sealed_opens_with_its_key_and_is_known_as_outdated() -> None:
    sealed = Sealer((OLD,)).seal("秘密", "staff:1")
    assert "秘密" not in sealed
    assert Sealer((OLD,)).seal("秘密", "staff:1") != sealed, "never twice the same"
    both = Sealer((NEW, OLD))
    assert (both.open(sealed, "staff:1").text, both.open(sealed, "staff:1").is_current) == ("秘密", False)
    again = both.seal("秘密", "staff:1")
    assert both.open(again, "staff:1").is_current
    with pytest.raises(CannotOpen):
        Sealer((OLD,)).open(again, "staff:1")


def test_it_opens_for_its_owner_only_and_not_when_it_was_changed() -> None:
    sealer = Sealer((OLD,))
    sealed = sealer.seal("secret", "staff:1")
    mark, _, rest = sealed.partition(".")
    for other in (
        sealed[:-6] + "AAAA==",
        f"{mark}.{rest[:8]}",
        f"{mark}.",
        f"{mark}.あ",
        f"{mark}.x",
        f"00000000.{rest}",
        "",
    ):
        with pytest.raises(CannotOpen):
            sealer.open(other, "staff:1")
    with pytest.raises(CannotOpen):
        sealer.open(sealed, "staff:2")


def test_without_a_key_nothing_is_sealed_and_nothing_opens() -> None:
    sealer = Sealer(())
    assert not sealer.has_keys
    assert not sealer.marks
    with pytest.raises(LookupError):
        sealer.seal("secret", "staff:1")
    with pytest.raises(CannotOpen):
        sealer.open(Sealer((OLD,)).seal("secret", "staff:1"), "staff:1")
