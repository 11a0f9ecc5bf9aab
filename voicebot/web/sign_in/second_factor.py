"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and ten for the day the phone is lost."""

import hashlib
import hmac
from datetime import datetime
from typing import Final

import pyotp
import segno
from sqlalchemy import Connection, select, update

from voicebot.records.schema import accounts
from voicebot.records.vault import Vault, place_of
from voicebot.web.sign_in.accounts import new_code

STEP_SECONDS: Final = 30
RECOVERY_CODES: Final = 10


def new_secret() -> str:
    """A secret for an authenticator app, in base32."""
    return pyotp.random_base32(32)


def picture(secret: str, name: str, company: str) -> str:
    """The secret as a QR code for the app's camera: an SVG element without any style."""
    address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=company)
    return str(segno.make(address, error="m").svg_inline(omitsize=True, border=2))


def step_of(secret: str, code: str, now: datetime, after: int = 0) -> int | None:
    """The 30-second step a code belongs to; None when it is wrong, or not newer than `after`.

    One step to either side counts too: clocks differ, and people type slowly.
    """
    digits = code.replace(" ", "")
    if not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
        return None
    current = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    right = [
        step
        for step in (current - 1, current, current + 1)
        if hmac.compare_digest(totp.generate_otp(step), digits) and step > after
    ]
    return right[0] if right else None


def enrol(connection: Connection, vault: Vault, account_id: str, secret: str, step: int) -> list[str]:
    """Keep the secret that has just been proved; the codes for a lost phone, which are shown this once."""
    codes = [new_code() for _ in range(RECOVERY_CODES)]
    connection.execute(
        update(accounts)
        .where(accounts.c.id == account_id)
        .values(
            totp=vault.seal_named(connection, "totp", secret, place_of("accounts", "totp", account_id)),
            totp_step=step,
            recovery=" ".join(_hash(connection, vault, account_id, code) for code in codes),
        )
    )
    return codes


def accept(connection: Connection, vault: Vault, account_id: str, code: str, now: datetime) -> bool:
    """Whether a code is good: the app's, or one for a lost phone. Either is good only once.

    Args:
        connection: a writing one.
        vault: opens the secret.
        account_id: whose code.
        code: as typed.
        now: the moment it was typed.
    """
    row = connection.execute(
        select(accounts.c.totp, accounts.c.totp_step, accounts.c.recovery).where(accounts.c.id == account_id)
    ).one()
    if row.totp is None:
        return False
    secret = vault.open_named(connection, "totp", row.totp, place_of("accounts", "totp", account_id))
    step = step_of(secret, code, now, row.totp_step)
    if step is not None:
        # Two browsers with the same code at once: the one that comes second changes no row.
        newer = (accounts.c.id == account_id) & (accounts.c.totp_step < step)
        return connection.execute(update(accounts).where(newer).values(totp_step=step)).rowcount == 1
    used, held = _hash(connection, vault, account_id, code), row.recovery.split()
    if not any(hmac.compare_digest(used, one) for one in held):
        return False
    left = " ".join(one for one in held if one != used)
    unused = (accounts.c.id == account_id) & (accounts.c.recovery == row.recovery)
    return connection.execute(update(accounts).where(unused).values(recovery=left)).rowcount == 1


def recovery_left(connection: Connection, account_id: str) -> int:
    """How many codes for a lost phone are unused."""
    held = connection.execute(select(accounts.c.recovery).where(accounts.c.id == account_id)).scalar_one()
    return len(held.split())


def _hash(connection: Connection, vault: Vault, account_id: str, code: str) -> str:
    typed = "".join(letter for letter in code.upper() if letter.isalnum())
    return hmac.new(vault.named(connection, "totp"), f"{account_id}:{typed}".encode(), hashlib.sha256).hexdigest()
