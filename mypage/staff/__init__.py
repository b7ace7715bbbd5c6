"""The doors of staff. Every page is closed but to the roles that its view names (``web.staff_logins``)."""

from flask import Flask

from mypage.staff import (
    acts,
    api_tokens,
    batch_compare,
    batch_files,
    batch_identity,
    batch_publishing,
    batch_report,
    batch_requests,
    batch_samples,
    batch_seen,
    batch_upload,
    batches,
    call_backs,
    calls,
    customers,
    enrolment,
    factor,
    home,
    identity_requests,
    invitation,
    login,
    logout,
    me,
    my_factors,
    people,
    people_requests,
    portal_view,
    requests,
    search,
    shift,
    signup,
    signup_requests,
    trail,
    trail_questions,
)
from mypage.web.staff_gate import console

_DOORS = (
    acts.doors,
    api_tokens.doors,
    batch_identity.doors,
    batch_compare.doors,
    batch_report.doors,
    batch_samples.doors,
    batch_seen.doors,
    batch_upload.doors,
    batch_publishing.doors,
    batch_requests.doors,
    batches.doors,
    batch_files.doors,
    call_backs.doors,
    calls.doors,
    customers.doors,
    enrolment.doors,
    factor.doors,
    home.doors,
    identity_requests.doors,
    invitation.doors,
    login.doors,
    logout.doors,
    me.doors,
    my_factors.doors,
    people.doors,
    people_requests.doors,
    portal_view.doors,
    requests.doors,
    search.doors,
    shift.doors,
    signup.doors,
    signup_requests.doors,
    trail.doors,
    trail_questions.doors,
)


def register(app: Flask) -> None:
    """Hang the console into ``app``."""
    staff = console("staff")
    for doors in _DOORS:
        staff.register_blueprint(doors)
    app.register_blueprint(staff)
