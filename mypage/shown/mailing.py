"""What became of the 「請求確定のお知らせ」 of a batch, for the billing side."""

from collections.abc import Sequence

from mypage.domain.batch import Kind
from mypage.services.batches import Batch
from mypage.services.mailings import Mailing
from mypage.words.mailing import SENTENCES


def of_batch(batch: Batch, mailings: Sequence[Mailing]) -> str | None:
    """In a sentence; None where there is nothing to say. ``mailings`` are those that tell of the batch, oldest first."""
    if batch.kind is not Kind.CHARGES or batch.published_at is None:
        return None
    if not mailings:
        return SENTENCES["mailing_not_news" if batch.notices else "mailing_not_wanted"]
    newest = mailings[-1]
    return SENTENCES[f"mailing_{newest.state}"].format(mails=f"{newest.mails:,}")
