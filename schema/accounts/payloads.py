"""What mutations of sites and sectors answer."""

import strawberry

from schema.accounts.types import Sector, Site
from schema.mutation import UserError


@strawberry.type
class SitePayload:
    site: Site | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class SectorPayload:
    sector: Sector | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
