"""Keys on circles are found among any steps, on disk."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from mypage.works.load.circles import in_circles


def found(steps: dict[str, str]) -> list[str]:
    with TemporaryDirectory() as folder:
        return list(in_circles(steps.items(), Path(folder) / "circles"))


def returns(steps: dict[str, str], key: str) -> bool:
    at = key
    for _ in steps:
        at = steps.get(at, "")
        if at == key:
            return True
    return False


# Numbers of which some are others with a holder or a digit behind: the order of texts and that of lines are the same.
KEYS = st.sampled_from(["7", "70", "70-2", "700", "7-2", "8", "80", "A1", "a", "é", "1", "12"])


@settings(max_examples=300)
@given(st.dictionaries(KEYS, KEYS))
def test_exactly_those_from_which_one_comes_back(steps: dict[str, str]) -> None:
    steps = {key: other for key, other in steps.items() if key != other}
    assert found(steps) == sorted((key for key in steps if returns(steps, key)), key=str.encode)


def test_long_ways() -> None:
    chain = {str(place): str(place + 1) for place in range(1_000, 9_000)}
    assert found(chain) == []
    assert found({**chain, "9000": "8997"}) == ["8997", "8998", "8999", "9000"]
    assert found({**chain, "9000": "1000"}) == [str(place) for place in range(1_000, 9_001)]
