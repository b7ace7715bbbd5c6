"""Number, telephone and name as people type them: on screen 1 of the signup, and by staff for a caller.

What they refuse is decided by ``domain``, by pattern only and never by the master; here it finds its field.
"""

from wtforms import HiddenField, StringField

from mypage.config.settings import Settings
from mypage.domain import customer_number, kana, phone
from mypage.domain.identity import IdentityClaim
from mypage.domain.typed_instead import Instead, typed_instead
from mypage.web.forms import Form
from mypage.words.gettext import N_

_LONGEST_NAME = 100
_INSTEAD = {
    Instead.MAIL_ADDRESS: "customer_number_is_email",
    Instead.TELEPHONE: "customer_number_is_phone",
    Instead.REFERENCE: "customer_number_is_reference",
    None: "customer_number_pattern",
}


class NumberForm(Form):
    """Number and telephone, judged by their patterns."""

    customer_number = StringField(N_("お客様番号"))
    phone = StringField(N_("電話番号"))
    # The number about which the page before asked whether it is not a telephone number.
    asked = HiddenField()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        if settings.customer_number_label != "お客様番号":
            self.customer_number.label.text = settings.customer_number_label

    def _judge_both(self) -> None:
        """Refuse what is missing (A-09) or cannot be what is asked for, by its pattern only."""
        self._judge_number(self.customer_number.data or "", self.phone.data or "")
        if not (self.phone.data or "").strip():
            self.refuse(self.phone, "phone_empty")
        elif phone.fold(self.phone.data) is None:
            self.refuse(self.phone, "phone_pattern")

    def _judge_number(self, number: str, telephone: str) -> None:
        label, example = self.customer_number.label.text, self._settings.customer_number_example
        instead = typed_instead(number, telephone)
        if not number.strip():
            self.refuse(self.customer_number, "customer_number_empty", label=label)
        elif not customer_number.looks_right(number, self._settings.customer_number_pattern):
            self.refuse(self.customer_number, _INSTEAD[instead], label=label, example=example)
        elif instead is Instead.TELEPHONE and self.asked.data != number and typed_instead(example) is None:
            # It could be a customer number all the same: whoever sends it again means it.
            self.refuse(self.customer_number, "customer_number_like_phone", label=label, example=example)
            self.asked.data = number


class ProofForm(NumberForm):
    """Screen 1."""

    name_kana = StringField(N_("お名前(カナ)"))
    registration_key = StringField(N_("登録キー"))

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        if settings.signup_proof != "key":
            del self.registration_key

    def claim(self) -> IdentityClaim:
        """What was typed."""
        return IdentityClaim(
            customer_number=self.customer_number.data or "",
            phone=self.phone.data or "",
            name_kana=self.name_kana.data or "",
            registration_key=(self.registration_key.data or "") if "registration_key" in self else None,
        )

    def judge(self) -> bool:
        """Refuse what is missing or cannot be what is asked for, by its pattern only; whether all is well."""
        typed = self.claim()
        self._judge_both()
        if not typed.name_kana.strip():
            self.refuse(self.name_kana, "name_kana_empty")
        elif len(typed.name_kana) > _LONGEST_NAME:
            self.refuse(self.name_kana, "name_kana_too_long")
        elif kana.kana_defect(typed.name_kana) == "kana_kanji":
            self.refuse(self.name_kana, "name_kana_kanji")
        if typed.registration_key is not None and not typed.registration_key.strip():
            self.refuse(self.registration_key, "registration_key_empty")
        return not self.errors
