"""How far the check of a batch is, in words and as a share: for the page, and for whoever asks for it as JSON."""

from dataclasses import dataclass
from typing import Any

from mypage.services.batch_progress import Turn
from mypage.services.batches import Batch
from mypage.words.batch import STATES, STEPS
from mypage.words.sentences import sentence

_LANGUAGE = "ja"


@dataclass(frozen=True, slots=True)
class Standing:
    """``text`` says step, rows, rows a second and the time left; ``share`` of the step in percent, None unknown."""

    text: str
    share: int | None = None


def of(turn: Turn | None, *, is_stopped: bool = False) -> Standing:
    """How it stands with a batch in 受付 or 検査中. ``turn``: None where no worker of ours checks it (command line)."""
    if turn is None:
        return Standing(sentence("batch_turn_stopped", _LANGUAGE) if is_stopped else "検査しています。")
    progress = turn.progress
    if is_stopped:
        return Standing(sentence("batch_turn_broken_off", _LANGUAGE))
    if progress is None:
        if turn.before:
            return Standing(sentence("batch_turn_wait", _LANGUAGE, before=turn.before))
        return Standing(sentence("batch_turn_next", _LANGUAGE))
    if progress.waits_for is not None:
        return Standing(sentence(f"batch_waits_{progress.waits_for}", _LANGUAGE))
    if not progress.step:
        return Standing("検査を始めました。")
    parts = [STEPS[progress.step]]
    share = None
    if progress.whole:
        share = min(progress.done * 100 // progress.whole, 100)
        parts.append(f"{share}%")
    seconds = (progress.at - progress.since).total_seconds()
    if progress.rows:
        parts.append(f"{progress.rows:,}行")
        if seconds >= 1:
            parts.append(f"毎秒{progress.rows / seconds:,.0f}行")
    if seconds >= 1 and progress.whole and progress.done:
        left = max(progress.whole - progress.done, 0) / progress.done * seconds
        parts.append(f"残り約{_time(left)}")
    return Standing("　".join(parts), share)


def as_json(batch: Batch, standing: Standing | None) -> dict[str, Any]:
    """For the page's script; ``text`` is None where there is nothing to wait for any more."""
    return {
        "id": batch.id,
        "state": batch.state.value,
        "state_words": STATES[batch.state],
        "text": None if standing is None else standing.text,
        "share": None if standing is None else standing.share,
    }


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes}分" if seconds >= 90 else f"{max(round(seconds), 1)}秒"
