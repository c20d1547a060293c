"""What mutations of accounts, their people, sites and sectors answer."""

import strawberry

from schema.accounts.types import (
    Account,
    Industry,
    IndustrySector,
    Invitation,
    Plan,
    Sector,
    Site,
    SystemSettings,
    User,
)
from schema.mutation import UserError


@strawberry.type
class AccountPayload:
    account: Account | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class SitePayload:
    site: Site | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class SectorPayload:
    sector: Sector | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class UserPayload:
    user: User | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class InvitationPayload:
    invitation: Invitation | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class IndustryPayload:
    industry: Industry | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class IndustrySectorPayload:
    industry_sector: IndustrySector | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class PlanPayload:
    plan: Plan | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class SystemSettingsPayload:
    system_settings: SystemSettings | None = strawberry.field(
        description="What holds from now on; null when userErrors says why not.", default=None
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)
