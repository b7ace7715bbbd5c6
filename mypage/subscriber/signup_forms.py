"""The forms of the signup. What they refuse is decided by ``domain`` and ``services``; here it finds its field."""

from collections.abc import Mapping

from wtforms import PasswordField, StringField

from mypage.config.settings import Settings
from mypage.domain import customer_number, phone
from mypage.domain.identity import IdentityClaim
from mypage.services.signup import Draft, Profile
from mypage.web.forms import Form
from mypage.words.gettext import N_

_LONGEST_NAME = 100


class ProofForm(Form):
    """Screen 1."""

    customer_number = StringField(N_("お客様番号"))
    phone = StringField(N_("電話番号"))
    name_kana = StringField(N_("お名前(カナ)"))
    registration_key = StringField(N_("登録キー"))

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        if settings.customer_number_label != "お客様番号":
            self.customer_number.label.text = settings.customer_number_label
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

    def cause(self) -> str | None:
        """Refuse what is missing (A-09) or cannot be what is asked for, judged by its pattern only (A-05)."""
        typed = self.claim()
        label = self.customer_number.label.text
        if not typed.customer_number.strip():
            self.refuse(self.customer_number, "customer_number_empty", label=label)
        if not typed.phone.strip():
            self.refuse(self.phone, "phone_empty")
        if not typed.name_kana.strip():
            self.refuse(self.name_kana, "name_kana_empty")
        if typed.registration_key is not None and not typed.registration_key.strip():
            self.refuse(self.registration_key, "registration_key_empty")
        missing = len(self.errors)
        if "customer_number" not in self.errors and not customer_number.looks_right(
            typed.customer_number, self._settings.customer_number_pattern
        ):
            example = self._settings.customer_number_example
            self.refuse(self.customer_number, "customer_number_pattern", label=label, example=example)
        if "phone" not in self.errors and phone.fold(typed.phone) is None:
            self.refuse(self.phone, "phone_pattern")
        if len(typed.name_kana) > _LONGEST_NAME:
            self.refuse(self.name_kana, "name_kana_too_long")
        if not self.errors:
            return None
        return "A-09" if missing else "A-05"


class ProfileForm(Form):
    """Screen 2."""

    login_id = StringField(N_("アカウントID"))
    password = PasswordField(N_("パスワード"))
    email = StringField(N_("メールアドレス"))
    nickname = StringField(N_("ニックネーム"))

    def profile(self) -> Profile:
        """What was typed."""
        return Profile(
            login_id=self.login_id.data or "",
            password=self.password.data or "",
            email=self.email.data or "",
            nickname=self.nickname.data or "",
        )

    def show(self, draft: Draft) -> None:
        """Fill the fields with what the draft holds."""
        self.login_id.data, self.email.data, self.nickname.data = draft.login_id, draft.email, draft.nickname

    def refuse_all(self, faults: Mapping[str, tuple[str, ...]]) -> None:
        """Put each broken rule beside its field."""
        for name, codes in faults.items():
            for code in codes:
                self.refuse(self[name], code)

    def cause(self) -> str | None:
        """The code of what was refused: something overlooked (A-09) before a wrong id (B-01) or password (B-02)."""
        refused = {name: self[name] for name in self.errors}
        if any(not (field.data or "").strip() for field in refused.values()):
            return "A-09"
        return "B-01" if "login_id" in refused else "B-02" if "password" in refused else None


class AddressForm(Form):
    """The correction of the mail address on screen 4."""

    email = StringField(N_("メールアドレス"))


class ActivationForm(Form):
    """Screen 5."""

    password = PasswordField(N_("パスワード"))
