"""What became of the 「請求確定のお知らせ」 of a batch, in the console's words."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "mailing_not_wanted": "送らずに公開",
    "mailing_not_news": "対象なし（いちばん新しい請求年月で、先月以降のものだけお知らせします）",
    "mailing_expanding": "用意しています（これまでに{mails}通）",
    "mailing_expanded": "{mails}通を用意しました（順に送ります）",
    "mailing_pointless": "取りやめました（公開の取消、または次の請求年月の公開のため。それまでに{mails}通）",
}
