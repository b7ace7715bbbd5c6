"""Passkeys (WebAuthn): what the browser is asked, and whether its answer is right."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

# Longer than any answer of a browser; what is longer is not worth reading.
LONGEST = 20_000
_TRANSPORTS = frozenset(each.value for each in AuthenticatorTransport)
# What is raised over an answer that is none: whoever sends it chooses each of its bytes, and the parsers trust them.
_NO_ANSWER = (WebAuthnException, ValueError, LookupError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class Site:
    """Where the passkeys belong: the domain that they are bound to, and the address of its pages."""

    domain: str
    origin: str
    name: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as it is kept: nothing of it is secret."""

    credential_id: str
    public_key: str
    sign_count: int
    transports: tuple[str, ...]
    is_synced: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What the browser is told of a passkey that exists."""

    credential_id: str
    transports: tuple[str, ...]


def question_for_new(
    site: Site, *, owner: str, name: str, shown_name: str, known: Sequence[Known], challenge: bytes
) -> dict[str, Any]:
    """What ``navigator.credentials.create`` is asked (JSON). ``owner`` is an opaque id, never a name."""
    options = generate_registration_options(
        rp_id=site.domain,
        rp_name=site.name,
        user_id=owner.encode(),
        user_name=name,
        user_display_name=shown_name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_described(known),
    )
    return _json(options_to_json(options))


def read_new(site: Site, answer: str, *, challenge: bytes) -> Passkey | None:
    """The new passkey that the browser's answer holds; None where it is not the answer to ``challenge`` on our site."""
    try:
        verified = verify_registration_response(
            credential=_answer(answer),
            expected_challenge=challenge,
            expected_rp_id=site.domain,
            expected_origin=site.origin,
        )
    except _NO_ANSWER:
        return None
    return Passkey(
        bytes_to_base64url(verified.credential_id),
        bytes_to_base64url(verified.credential_public_key),
        verified.sign_count,
        _transports(answer),
        verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
    )


def question(site: Site, *, known: Sequence[Known], challenge: bytes) -> dict[str, Any]:
    """What ``navigator.credentials.get`` is asked (JSON)."""
    options = generate_authentication_options(
        rp_id=site.domain, challenge=challenge, allow_credentials=_described(known)
    )
    return _json(options_to_json(options))


def named(answer: str) -> str | None:
    """Which passkey a browser's answer says that it is of; None for what is no answer."""
    try:
        credential_id = _answer(answer)["id"]
    except (ValueError, KeyError):
        return None
    return credential_id if isinstance(credential_id, str) else None


def counted(site: Site, answer: str, *, challenge: bytes, public_key: str, sign_count: int) -> int | None:
    """The passkey's new count of signatures; None where the answer is not signed by it, or it was copied."""
    try:
        verified = verify_authentication_response(
            credential=_answer(answer),
            expected_challenge=challenge,
            expected_rp_id=site.domain,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=sign_count,
        )
    except _NO_ANSWER:
        return None
    return verified.new_sign_count


def _described(known: Sequence[Known]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(each.credential_id),
            transports=[AuthenticatorTransport(name) for name in each.transports],
        )
        for each in known
    ]


def _answer(answer: str) -> dict[str, Any]:
    """The browser's answer as JSON. ``ValueError`` for what is none."""
    if len(answer) > LONGEST:
        raise ValueError("no browser answers that much")
    try:
        read = json.loads(answer)
    except RecursionError:
        raise ValueError("no browser nests that deep") from None
    if not isinstance(read, dict):
        raise ValueError("not an answer")
    return read


def _transports(answer: str) -> tuple[str, ...]:
    """How the passkey is reached, as far as the browser says; words that nobody knows are left out."""
    response: Mapping[str, Any] = _answer(answer)["response"]
    said = response.get("transports")
    return (
        tuple(each for each in said if isinstance(each, str) and each in _TRANSPORTS)
        if isinstance(said, list)
        else ()
    )


def _json(text: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(text)
    return read
