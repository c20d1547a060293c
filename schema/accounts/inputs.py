"""What accounts, their people, sites and sectors take."""

from uuid import UUID

import strawberry

from persistence.terms import AccountStatus, Role, SiteStatus
from schema.mutation import ABSENT, given_id_field, id_field


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
    name: str | None = ABSENT
    description: str | None = ABSENT
    industry_sector_id: UUID | None = given_id_field("IndustrySector")
    is_active: bool | None = strawberry.field(description="At most five sectors of a site are active.", default=ABSENT)
    expected_version: int | None = None


@strawberry.input
class UpdateSiteInput:
    name: str | None = ABSENT
    domain: str | None = ABSENT
    industry_id: UUID | None = given_id_field("Industry")
    wp_url: str | None = ABSENT
    wp_username: str | None = ABSENT
    wp_app_password: str | None = strawberry.field(
        description="Write-only; encrypted at rest; null takes it away.", default=ABSENT
    )
    status: SiteStatus | None = strawberry.field(
        description="ACTIVE or INACTIVE; either brings an archived site back.", default=ABSENT
    )
    expected_version: int | None = None


@strawberry.input
class UpdateAccountInput:
    name: str | None = ABSENT
    default_country: str | None = strawberry.field(description="ISO 3166, such as US.", default=ABSENT)
    default_language: str | None = strawberry.field(description="BCP 47, such as en.", default=ABSENT)
    default_word_count: int | None = ABSENT
    default_author_profile_id: UUID | None = given_id_field("AuthorProfile")
    expected_version: int | None = None


@strawberry.input
class CancelAccountInput:
    name: str = strawberry.field(description="The account's, to be sure.")


@strawberry.input
class InviteUserInput:
    email: str
    role: Role = strawberry.field(description="ADMIN, EDITOR or VIEWER.")
    site_ids: list[UUID] | None = id_field("Site", optional=True, many=True)


@strawberry.input
class UpdateUserInput:
    first_name: str | None = ABSENT
    last_name: str | None = ABSENT
    is_active: bool | None = strawberry.field(
        description="Who is not cannot sign in, and is out at once.", default=ABSENT
    )


@strawberry.input
class UpdateProfileInput:
    first_name: str | None = ABSENT
    last_name: str | None = ABSENT


@strawberry.input
class SetRoleInput:
    user_id: UUID = id_field("User")
    role: Role = strawberry.field(description="ADMIN, EDITOR or VIEWER.")


@strawberry.input
class TransferOwnershipInput:
    user_id: UUID = id_field("User")


@strawberry.input
class GrantSiteAccessInput:
    user_id: UUID = id_field("User")
    site_ids: list[UUID] = id_field("Site", many=True)


@strawberry.input
class RevokeSiteAccessInput:
    user_id: UUID = id_field("User")
    site_ids: list[UUID] = id_field("Site", many=True)


@strawberry.input
class SetAccountStatusInput:
    account_id: UUID = id_field("Account")
    status: AccountStatus
    reason: str


@strawberry.input
class SetAccountPlanInput:
    account_id: UUID = id_field("Account")
    plan_id: UUID = id_field("Plan")
    reason: str


@strawberry.input
class AdjustCreditsInput:
    account_id: UUID = id_field("Account")
    amount: int = strawberry.field(description="Taken when it is negative.")
    reason: str
    idempotency_key: str | None = None


@strawberry.input
class PlanFacts:
    price_cents: int | None = ABSENT
    max_users: int | None = strawberry.field(description="null is no limit, here and below.", default=ABSENT)
    max_sites: int | None = ABSENT
    max_keywords: int | None = ABSENT
    max_clusters: int | None = ABSENT
    max_content_ideas: int | None = ABSENT
    max_ai_requests_per_month: int | None = ABSENT
    max_words_per_month: int | None = ABSENT
    max_images_per_month: int | None = ABSENT
    credits_per_month: int | None = ABSENT
    included_credits: int | None = strawberry.field(description="In place of creditsPerMonth.", default=ABSENT)
    sign_up_credits: int | None = ABSENT
    is_active: bool | None = ABSENT


@strawberry.input
class CreatePlanInput(PlanFacts):
    name: str
    slug: str


@strawberry.input
class UpdatePlanInput(PlanFacts):
    name: str | None = ABSENT


@strawberry.input
class CreateIndustryInput:
    name: str
    description: str | None = ABSENT


@strawberry.input
class UpdateIndustryInput:
    name: str | None = ABSENT
    description: str | None = ABSENT
    is_active: bool | None = strawberry.field(description="Whether it is offered to sites.", default=ABSENT)


@strawberry.input
class CreateIndustrySectorInput:
    industry_id: UUID = id_field("Industry")
    name: str
    description: str | None = ABSENT


@strawberry.input
class UpdateIndustrySectorInput:
    name: str | None = ABSENT
    description: str | None = ABSENT
    is_active: bool | None = strawberry.field(description="Whether it is offered to sectors.", default=ABSENT)


@strawberry.input
class UpdateSystemSettingsInput:
    sign_ups_open: bool | None = ABSENT
    sign_up_by_letter: bool | None = strawberry.field(description="null: in production.", default=ABSENT)
    sign_up_plan_id: UUID | None = given_id_field("Plan")
    support_email: str | None = ABSENT
    notice: str | None = strawberry.field(description="For all users to read; null takes it away.", default=ABSENT)
