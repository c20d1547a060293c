"""Accounts, their people, sites and sectors; the industry catalogue."""

from domain.access import Permission
from persistence import models as rows
from schema.entity import column, entity, every, expression, relation


@entity(rows.Plan, prefix="plan")
class Plan:
    """What an account may use; a limit that is null is none."""

    name = column()
    slug = column()
    price_cents = column()
    max_users = column()
    max_sites = column()
    max_keywords = column()
    max_clusters = column()
    max_content_ideas = column()
    max_ai_requests_per_month = column()
    max_words_per_month = column()
    max_images_per_month = column()
    credits_per_month = column()
    included_credits = column()
    effective_credits_per_month = expression(
        lambda a: f"coalesce({a}.included_credits, {a}.credits_per_month)", int, "What an account gets each month."
    )
    is_active = column("Whether accounts can come to it.")
    sign_up_credits = column()


@entity(rows.AccountLimit)
class AccountLimit:
    """What the plan allows of one thing."""

    key = column()
    used = column()
    limit = column("null is none.")
    resets_at = column("When a month's use begins anew.")


@entity(rows.Account, prefix="acc")
class Account:
    """A tenant."""

    name = column()
    slug = column()
    status = column()
    plan = relation()
    owner = relation()
    limits = every("key", "What the plan allows, and how much of it is used.")
    default_country = column("Of keywords that are made without one.")
    default_language = column("Of keywords that are made without one.")
    default_word_count = column("Of tasks that are made without one.")
    default_author_profile = relation("In whose voice articles are written when nobody is chosen.")
    credits = relation("Credits to spend, and credits set aside for work under way.")
    users = relation(requires=Permission.MANAGE_USERS)
    invitations = relation(requires=Permission.MANAGE_USERS)
    api_keys = relation(requires=Permission.MANAGE_ACCOUNT)
    sites = relation()
    jobs = relation()
    credit_transactions = relation(requires=Permission.VIEW_BILLING)
    credit_usage_logs = relation(requires=Permission.VIEW_BILLING)
    audit_events = relation(requires=Permission.MANAGE_ACCOUNT)
    created_at = column()
    updated_at = column()
    version = column("For expectedVersion of an update.")


@entity(rows.Invitation, prefix="inv", requires=Permission.MANAGE_USERS)
class Invitation:
    """Somebody is asked to join; open until it is accepted, revoked or has expired."""

    email = column(search=True)
    role = column(filter=True)
    invited_by = relation()
    expires_at = column(order=True)
    accepted_at = column()
    revoked_at = column()
    created_at = column(order=True)


@entity(rows.ApiKey, prefix="key", requires=Permission.MANAGE_ACCOUNT)
class ApiKey:
    """A program's way in, in its maker's name. Its text was shown once."""

    name = column(search=True)
    prefix = column("How its text begins.")
    permissions = column("Of those that its maker has. Reading takes READ; what is @forPeople no key may do.")
    user = relation()
    expires_at = column()
    last_used_at = column("To the minute.")
    revoked_at = column()
    created_at = column(order=True)


@entity(rows.Session, prefix="ses")
class Session:
    """A sign-in of the caller, or an API key of theirs."""

    user_agent = column()
    ip = column()
    is_api_key = column(filter=True)
    last_used_at = column(order=True)
    expires_at = column()
    revoked_at = column()
    revoked_reason = column()
    created_at = column(order=True)


@entity(rows.User, prefix="usr")
class User:
    """Somebody of the account."""

    email = column(search=True)
    first_name = column()
    last_name = column()
    role = column(filter=True)
    is_active = column(filter=True)
    email_verified_at = column()
    last_sign_in_at = column()
    account = relation()
    site_access = relation("The sites that an editor or viewer sees.", requires=Permission.MANAGE_USERS)
    created_at = column(order=True)


@entity(rows.Industry, prefix="ind")
class Industry:
    """A line of business, from the shared catalogue."""

    name = column()
    slug = column()
    description = column()
    is_active = column("Whether it is offered to sites.")
    sectors = every("name")


@entity(rows.IndustrySector, prefix="inds")
class IndustrySector:
    """A part of an industry, from the shared catalogue."""

    name = column()
    slug = column()
    description = column()
    is_active = column("Whether it is offered to sectors.")
    industry = relation()


@entity(rows.Site, prefix="site")
class Site:
    """A website of the account, with up to five active sectors."""

    name = column(search=True, order=True)
    slug = column()
    domain = column()
    is_active = column(filter=True)
    status = column(filter=True)
    wp_url = column()
    wp_username = column()
    account = relation()
    industry = relation(filter=True)
    sectors = relation()
    keywords = relation()
    clusters = relation()
    ideas = relation()
    tasks = relation()
    contents = relation()
    taxonomies = relation()
    jobs = relation()
    archived_at = column("Thirty days later it is purged.")
    user_access = relation(requires=Permission.MANAGE_USERS)
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update.")


@entity(rows.Sector, prefix="sec")
class Sector:
    """A topic of a site."""

    name = column(search=True, order=True)
    slug = column()
    description = column()
    is_active = column(filter=True)
    status = column(filter=True)
    site = relation(filter=True)
    industry_sector = relation()
    keywords = relation()
    clusters = relation()
    ideas = relation()
    tasks = relation()
    contents = relation()
    jobs = relation()
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update.")


@entity(rows.SiteUserAccess, prefix="acs", requires=Permission.MANAGE_USERS)
class SiteAccess:
    """Lets an editor or viewer see a site."""

    site = relation()
    user = relation()
    granted_by = relation()
    created_at = column(order=True)
