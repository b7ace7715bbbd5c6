"""The drawing of the months' bars.

Made here and not in the template, which took ten times as long: the scale and the labels are the same for nearly
everybody and are kept, only the bars are drawn for each visitor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Protocol

from markupsafe import Markup

_STEPS = tuple(lead * 10**power for power in range(2, 9) for lead in (1, 2, 5))
_SLOT, _GAP, _HEIGHT = 100, 16, 1000
_PLOT_TOP_EM, _PLOT_EM = 1, 10


class Bar(Protocol):
    """One month of the chart; ``amount`` in whole yen."""

    @property
    def year(self) -> int: ...
    @property
    def month(self) -> int: ...
    @property
    def amount(self) -> int: ...


@dataclass(frozen=True)
class Drawing:
    """Paths in slots of 100 by 1000 units; scale and labels as SVG, in em from the top and percent from the left."""

    width: int
    bars: str
    newest: str
    scale: Markup
    labels: Markup


def draw_months(bars: Sequence[Bar], year_words: str) -> Drawing:
    """The drawing of ``bars`` (oldest first, the last one marked); what is not above zero has no bar.

    ``year_words`` says a year in the page's language (``{year}年``).
    """
    top = max([bar.amount for bar in bars], default=0)
    step = next((step for step in _STEPS if step * 4 >= top), max(top, 1))
    count = max(-(-top // step), 1)
    full = step * count
    heights = [bar.amount * _HEIGHT // full for bar in bars]
    paths = [f"{_begin(slot)}{height}{_END}" if height > 0 else "" for slot, height in enumerate(heights)]
    return Drawing(
        width=_SLOT * max(len(bars), 1),
        bars="".join(paths[:-1]),
        newest=paths[-1] if paths else "",
        scale=_scale(step, count),
        labels=_labels(tuple((bar.year, bar.month) for bar in bars), str(year_words)),
    )


_END = f"h{_SLOT - 2 * _GAP}V{_HEIGHT}z"


@cache
def _begin(slot: int) -> str:
    return f"M{slot * _SLOT + _GAP} {_HEIGHT}v-"


_LINE = Markup(
    '<line class="{kind}" x1="0" x2="100%" y1="{y:.2f}em" y2="{y:.2f}em"/>'
    '<text x="-.5em" y="{below:.2f}em" text-anchor="end">{figure:,}</text>'
)
_MONTH = Markup('<text x="{middle:.2f}%" y="12.3em"{thin}>{month}</text>')
_YEAR = Markup('<text class="chart-year" x="{left:.2f}%" y="13.6em">{words}</text>')
_THIN = Markup(' class="chart-second"')


@lru_cache(maxsize=256)
def _scale(step: int, count: int) -> Markup:
    made = []
    for number in range(count + 1):
        y = _PLOT_TOP_EM + _PLOT_EM - _PLOT_EM * number / count
        kind = "chart-line" if number else "chart-base"
        made.append(_LINE.format(kind=kind, y=y, below=y + 0.35, figure=step * number))
    return Markup("").join(made)


@lru_cache(maxsize=256)
def _labels(months: tuple[tuple[int, int], ...], year_words: str) -> Markup:
    slots = len(months)
    made = []
    for slot, (year, month) in enumerate(months):
        # Counted from the newest, so that it keeps its label where every second one is left out.
        is_thinned = (slots - 1 - slot) % 2 == 1
        middle = (slot + 0.5) * 100 / slots
        made.append(_MONTH.format(middle=middle, thin=_THIN if is_thinned else "", month=month))
        # The first year is left out where the January after it would be written over it.
        if month == 1 or (slot == 0 and month < 10):
            left = (slot + _GAP / _SLOT) * 100 / slots
            made.append(_YEAR.format(left=left, words=year_words.format(year=year)))
    return Markup("").join(made)
