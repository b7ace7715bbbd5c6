"""The forms of the signup. What they refuse is decided by ``domain`` and ``services``; here it finds its field."""

from collections.abc import Mapping, Sequence

from wtforms import PasswordField, StringField

from mypage.services.activation_by_phone import Typed
from mypage.services.signup import Draft, Profile
from mypage.web.forms import Form
from mypage.web.proof_form import NumberForm
from mypage.words.gettext import N_


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


class AddressForm(Form):
    """The correction of the mail address on screen 4."""

    email = StringField(N_("メールアドレス"))


class ActivationForm(Form):
    """Screen 5."""

    password = PasswordField(N_("パスワード"))


class PhoneActivationForm(NumberForm):
    """Screen 5 of a signup on the telephone."""

    password = PasswordField(N_("パスワード"))

    def typed(self) -> Typed:
        """What was typed."""
        return Typed(self.customer_number.data or "", self.phone.data or "", self.password.data or "")

    def judge(self, weaknesses: Sequence[str]) -> bool:
        """Refuse what is missing or cannot be, and what the password breaks; whether all is well."""
        self._judge_both()
        for code in weaknesses if self.password.data else ("password_empty",):
            self.refuse(self.password, code)
        return not self.errors
