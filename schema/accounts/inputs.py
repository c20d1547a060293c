"""What accounts, their people, sites and sectors take."""

from uuid import UUID

import strawberry

from persistence.terms import AccountStatus, Role, SiteStatus
from schema.graph.scalars import BigInt
from schema.mutation import ABSENT, described, given_id_field, id_field


@strawberry.input
class CreateSiteInput:
    name: str = described("What people call the website, 1 to 100 characters.")
    domain: str | None = described("The host, such as example.com; of an address the host is kept.", None)
    industry_id: UUID | None = id_field("Industry", "Its line of business, from the catalogue.", optional=True)
    idempotency_key: str | None = None


@strawberry.input
class CreateSectorInput:
    site_id: UUID = id_field("Site", "The website whose topic it is.")
    name: str = described("What people call the topic, 1 to 100 characters.")
    description: str | None = described(
        "What the topic is about, for people and for prompts; at most 4,000 characters.", None
    )
    industry_sector_id: UUID | None = id_field(
        "IndustrySector", "The part of the site's industry that it stands for.", optional=True
    )
    idempotency_key: str | None = None


@strawberry.input
class UpdateSectorInput:
    name: str | None = described("What people call the topic, 1 to 100 characters; the slug stays.", ABSENT)
    description: str | None = described("What the topic is about; null empties it.", ABSENT)
    industry_sector_id: UUID | None = given_id_field(
        "IndustrySector", "The part of the site's industry that it stands for; null for none."
    )
    is_active: bool | None = described("At most five sectors of a site are active.", ABSENT)
    expected_version: int | None = None


@strawberry.input
class UpdateSiteInput:
    name: str | None = described("What people call the website, 1 to 100 characters; the slug stays.", ABSENT)
    domain: str | None = described("The host, such as example.com; null where it is not known.", ABSENT)
    industry_id: UUID | None = given_id_field("Industry", "Its line of business, from the catalogue; null for none.")
    status: SiteStatus | None = described("ACTIVE or INACTIVE; either brings an archived site back.", ABSENT)
    expected_version: int | None = None


@strawberry.input
class UpdateAccountInput:
    name: str | None = described("What the tenant is called, 1 to 100 characters with no address in them.", ABSENT)
    default_country: str | None = described(
        "Of keywords that are made without one: ISO 3166, such as US; null for none.", ABSENT
    )
    default_language: str | None = described(
        "Of keywords that are made without one: BCP 47, such as en; null for none.", ABSENT
    )
    default_word_count: int | None = described(
        "How long a task made without a word count shall be: 100 to 10,000 words.", ABSENT
    )
    default_author_profile_id: UUID | None = given_id_field(
        "AuthorProfile", "In whose voice articles are written when nobody is chosen; null for no particular one."
    )
    expected_version: int | None = None


@strawberry.input
class CancelAccountInput:
    account_name: str = described("The account's, to be sure.")


@strawberry.input
class InviteUserInput:
    email: str = described("Where the letter goes; nobody of the account may have it yet.")
    role: Role = described("ADMIN, EDITOR or VIEWER.")
    site_ids: list[UUID] | None = id_field(
        "Site",
        "What an editor or viewer sees from the start, at most 1,000; others see all anyway.",
        optional=True,
        many=True,
    )


@strawberry.input
class UpdateUserInput:
    first_name: str | None = described(
        "Given name, at most 100 characters with no address in them; null empties it.", ABSENT
    )
    last_name: str | None = described(
        "Family name, at most 100 characters with no address in them; null empties it.", ABSENT
    )
    is_active: bool | None = described("Who is not cannot sign in, and is out at once.", ABSENT)


@strawberry.input
class UpdateProfileInput:
    first_name: str | None = described(
        "Given name, at most 100 characters with no address in them; null empties it.", ABSENT
    )
    last_name: str | None = described(
        "Family name, at most 100 characters with no address in them; null empties it.", ABSENT
    )


@strawberry.input
class SetRoleInput:
    user_id: UUID = id_field("User", "Whose role it is: neither the caller nor the owner.")
    role: Role = described("ADMIN, EDITOR or VIEWER.")


@strawberry.input
class TransferOwnershipInput:
    user_id: UUID = id_field("User", "The new owner: another active user of the account.")


@strawberry.input
class GrantSiteAccessInput:
    user_id: UUID = id_field("User", "An editor or viewer of the account.")
    site_ids: list[UUID] = id_field(
        "Site", "What they may see from now on, besides what they see already; at most 1,000.", many=True
    )


@strawberry.input
class RevokeSiteAccessInput:
    user_id: UUID = id_field("User", "An editor or viewer of the account.")
    site_ids: list[UUID] = id_field("Site", "What they do not see any more, at most 1,000.", many=True)


@strawberry.input
class SetAccountStatusInput:
    account_id: UUID = id_field("Account", "Whose status it is.")
    status: AccountStatus = described("What holds from now on.")
    reason: str = described("Why, in at most 500 characters; it stands in the account's audit trail.")


@strawberry.input
class SetAccountPlanInput:
    account_id: UUID = id_field("Account", "Whose plan it is.")
    plan_id: UUID = id_field("Plan", "What holds from now on, whether it is offered or not.")
    reason: str = described("Why, in at most 500 characters; it stands in the account's audit trail.")


@strawberry.input
class AdjustCreditsInput:
    account_id: UUID = id_field("Account", "Whose credits they are.")
    amount: int = described("Credits that are given, or taken where it is negative; at most 10,000,000, and not 0.")
    reason: str = described("Why, in at most 500 characters; it stands in the account's ledger and audit trail.")
    idempotency_key: str | None = None


@strawberry.input
class PlanFacts:
    price_cents: int | None = described("Price of a month, in US cents; 0 when not given.", ABSENT)
    max_users: int | None = described(
        "Most active users and open invitations; null is no limit, as everywhere here.", ABSENT
    )
    max_sites: int | None = described("Most sites that are not archived; null is no limit.", ABSENT)
    max_keywords: int | None = described("Most keywords of all sites together; null is no limit.", ABSENT)
    max_clusters: int | None = described("Most clusters of all sites together; null is no limit.", ABSENT)
    max_content_ideas: int | None = described("Most ideas of all sites together; null is no limit.", ABSENT)
    max_ai_requests_per_month: int | None = described(
        "Most questions to language models in a month of UTC; null is no limit.", ABSENT
    )
    max_words_per_month: int | None = described(
        "Most words that models write in a month of UTC; null is no limit.", ABSENT
    )
    max_images_per_month: int | None = described("Most pictures drawn in a month of UTC; null is no limit.", ABSENT)
    max_storage_bytes: BigInt | None = described(
        "Most bytes of pictures and uploaded files together; null is no limit.", ABSENT
    )
    credits_per_month: int | None = described("Credits that an account gets each month; 0 when not given.", ABSENT)
    included_credits: int | None = described(
        "Credits a month in place of creditsPerMonth; null where that holds.", ABSENT
    )
    sign_up_credits: int | None = described("Credits that a new account begins with; 0 when not given.", ABSENT)
    is_active: bool | None = described("Whether accounts can come to it; those that are on it stay.", ABSENT)


@strawberry.input
class CreatePlanInput(PlanFacts):
    name: str = described("What people call the plan, 1 to 100 characters.")
    slug: str = described("The plan's unique name in small letters, at most 100 characters; it never changes.")


@strawberry.input
class UpdatePlanInput(PlanFacts):
    name: str | None = described("What people call the plan, 1 to 100 characters.", ABSENT)


@strawberry.input
class CreateIndustryInput:
    name: str = described("What the line of business is called, 1 to 100 characters.")
    description: str | None = described("What belongs to the industry, at most 1,000 characters.", ABSENT)


@strawberry.input
class UpdateIndustryInput:
    name: str | None = described("What the line of business is called, 1 to 100 characters; the slug stays.", ABSENT)
    description: str | None = described("What belongs to the industry; null empties it.", ABSENT)
    is_active: bool | None = described("Whether it is offered to sites.", ABSENT)


@strawberry.input
class CreateIndustrySectorInput:
    industry_id: UUID = id_field("Industry", "The line of business that it is a part of.")
    name: str = described("What the part of the industry is called, 1 to 100 characters.")
    description: str | None = described("What belongs to this part, at most 1,000 characters.", ABSENT)


@strawberry.input
class UpdateIndustrySectorInput:
    name: str | None = described(
        "What the part of the industry is called, 1 to 100 characters; the slug stays.", ABSENT
    )
    description: str | None = described("What belongs to this part; null empties it.", ABSENT)
    is_active: bool | None = described("Whether it is offered to sectors of sites.", ABSENT)


@strawberry.input
class UpdateSystemSettingsInput:
    sign_ups_open: bool | None = described("Whether anybody may make an account.", ABSENT)
    sign_up_by_letter: bool | None = described(
        "Whether addresses are confirmed before signing in; null: in production.", ABSENT
    )
    sign_up_plan_id: UUID | None = given_id_field("Plan", "The plan that new accounts come to.")
    support_email: str | None = described("The e-mail address where people find help; null takes it away.", ABSENT)
    notice: str | None = described("For all users to read, at most 500 characters; null takes it away.", ABSENT)


@strawberry.input
class DeleteSectorsInput:
    cascade: bool = described("Whether the work that they hold is deleted with them.", False)
