"""The forms of a signup on the telephone."""

from collections.abc import Mapping
from typing import Final

from wtforms import BooleanField, StringField

from mypage.config.settings import Settings
from mypage.services.phone_signup import Entered
from mypage.services.signup import Draft
from mypage.staff.call_forms import CallForm
from mypage.web.choices import OneOf
from mypage.web.forms import Form
from mypage.web.proof_form import ProofForm


class CallerProofForm(ProofForm, CallForm):
    """Who calls, and what they say they are: compared as on screen 1 of the signup."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        # By what they are verified is the comparison itself.
        del self.verified, self.code


class CallerProfileForm(Form):
    """What the caller chooses, but for the password."""

    login_id = StringField("アカウントID")
    email = StringField("メールアドレス")
    nickname = StringField("ニックネーム")

    def entered(self) -> Entered:
        """What was typed."""
        return Entered(self.login_id.data or "", self.email.data or "", self.nickname.data or "")

    def show(self, draft: Draft) -> None:
        """Fill the fields with what the draft holds."""
        self.login_id.data, self.email.data, self.nickname.data = draft.login_id, draft.email, draft.nickname

    def refuse_all(self, faults: Mapping[str, tuple[str, ...]]) -> None:
        """Put each broken rule beside its field."""
        for name, codes in faults.items():
            for code in codes:
                self.refuse(self[name], code)


LANGUAGES: Final = {"ja": "日本語", "en": "英語（English）"}


class ConsentForm(Form):
    """The last look: in which language, and that the caller has heard the terms and agrees."""

    language = OneOf("メールと画面の言語", options=tuple(LANGUAGES.items()))
    consent = BooleanField("利用目的と利用規約を読み上げ、同意をいただきました")

    def judge(self) -> bool:
        """Refuse what is missing; whether all is well."""
        if self.language.data not in LANGUAGES:
            self.refuse(self.language, "phone_signup_language")
        if not self.consent.data:
            self.refuse(self.consent, "phone_signup_consent")
        return not self.errors
