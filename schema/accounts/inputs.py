"""What making sites and sectors takes."""

from uuid import UUID

import strawberry

from schema.mutation import id_field


@strawberry.input
class CreateSiteInput:
    name: str
    domain: str | None = None
    industry_id: UUID | None = id_field("Industry", optional=True)
    wp_url: str | None = None
    wp_username: str | None = None
    wp_app_password: str | None = strawberry.field(description="Write-only; encrypted at rest.", default=None)
    idempotency_key: str | None = None


@strawberry.input
class CreateSectorInput:
    site_id: UUID = id_field("Site")
    name: str
    description: str | None = None
    industry_sector_id: UUID | None = id_field("IndustrySector", optional=True)
    idempotency_key: str | None = None


@strawberry.input
class UpdateSectorInput:
    is_active: bool = strawberry.field(description="At most five sectors of a site are active.")
