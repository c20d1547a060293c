"""Accounts made by an operator."""

import json
from uuid import UUID

from domain.accounts.rules import check_account_name
from domain.auth.client import Client
from domain.auth.passwords import hash_password
from domain.auth.rules import check_password
from domain.auth.service import Auth, create_account, new_id, sign_in
from domain.billing import service as billing
from domain.errors import DomainError, translate
from domain.settings import Settings
from domain.texts import check_email
from domain.tokens import ACCESS_SECONDS, Tokens
from persistence.errors import PersistenceError
from persistence.models import User
from persistence.postgres.database import API_ROLE, Database
from persistence.redis.sign_in_limits import SignInLimits
from persistence.scope import NewAccountScope
from persistence.secrets import Vault
from persistence.terms import CreditTransactionType, Role
from persistence.unit import Dispatch, News, Units
from schema.graph.entity import bind


async def create_account_json(
    settings: Settings, name: str, email: str, password: str, credits: int, *, staff: bool
) -> str:
    """SystemExit with a message for input that is refused."""
    assert settings.database_url
    assert settings.redis_url
    database = await Database(settings.database_url, API_ROLE, size=2).open()
    try:
        units = Units(database, Vault(settings.secrets()), _no_jobs, _no_news)
        auth = Auth(units, Tokens(settings.secrets()), SignInLimits(settings.redis_url))
        user = await _create(units, name, email, password, credits, staff=staff)
        signed_in = await sign_in(auth, Client("", "igny8 create-account"), email, password)
    except (DomainError, PersistenceError) as error:
        known = error if isinstance(error, DomainError) else translate(error)
        raise SystemExit(known.message if known else str(error)) from None
    finally:
        await database.close()
    return json.dumps(
        {
            "accountId": _id("Account", user.account_id),
            "userId": _id("User", user.id),
            "accessToken": signed_in.access_token,
            "refreshToken": signed_in.refresh_token,
            "expiresIn": ACCESS_SECONDS,
        }
    )


async def _create(units: Units, name: str, email: str, password: str, credits: int, *, staff: bool) -> User:
    address = check_email(email, "email")
    hashed = await hash_password(check_password(password, "password"))
    account_id = await new_id(units)
    async with units(NewAccountScope(account_id)) as unit:
        role = Role.DEVELOPER if staff else Role.OWNER
        user = await create_account(unit, account_id, check_account_name(name, "name"), address, hashed, role)
        user.email_verified_at = await unit.now()  # by whoever runs this
        if credits:
            await billing.grant(
                unit,
                account_id,
                credits,
                kind=CreditTransactionType.ADJUSTMENT,
                key="created",
                description="Granted with the account",
            )
    return user


def _id(entity: str, id: UUID) -> str:
    bound = bind().bindings[entity].entity
    assert bound
    return bound.encode(id)


async def _no_jobs(_: list[Dispatch]) -> None:
    raise AssertionError("making an account starts no job")


async def _no_news(news: list[News]) -> None:
    raise AssertionError("making an account changes no job")
