"""Accounts, their people, sites and sectors; the industry catalogue."""

from datetime import datetime

import strawberry

from domain.access import Permission
from persistence import models as rows
from persistence.terms import AccountStatus
from schema.graph.entity import column, entity, every, expression, relation


@entity(rows.Plan, prefix="plan")
class Plan:
    """What an account may use; a limit that is null is none."""

    name = column("What people call the plan.")
    slug = column("The plan's unique name in small letters; it never changes.")
    price_cents = column("Price of a month, in US cents.")
    max_users = column("Most active users and open invitations; null is no limit.")
    max_sites = column("Most sites that are not archived; null is no limit.")
    max_keywords = column("Most keywords of all sites together; null is no limit.")
    max_clusters = column("Most clusters of all sites together; null is no limit.")
    max_content_ideas = column("Most ideas of all sites together; null is no limit.")
    max_ai_requests_per_month = column("Most questions to language models in a month of UTC; null is no limit.")
    max_words_per_month = column("Most words that models write in a month of UTC; null is no limit.")
    max_images_per_month = column("Most pictures drawn in a month of UTC; null is no limit.")
    max_storage_bytes = column("Most bytes of pictures and uploaded files together; null is no limit.")
    credits_per_month = column("Credits that an account gets each month, where includedCredits is null.")
    included_credits = column("Credits a month in place of creditsPerMonth; null where that holds.")
    effective_credits_per_month = expression(
        lambda a: f"coalesce({a}.included_credits, {a}.credits_per_month)",
        int,
        "What an account gets each month: includedCredits, or else creditsPerMonth.",
    )
    is_active = column("Whether accounts can come to it; those that are on it stay.")
    sign_up_credits = column("Credits that a new account begins with.")


@entity(rows.AccountLimit)
class AccountLimit:
    """What the plan allows of one thing."""

    key = column("Which of the plan's limits this is.")
    used = column("How much counts against it now, with what open jobs will use.")
    limit = column("The most that there may be; null is no limit.")
    resets_at = column("When a month's use begins anew, at midnight UTC; null for what is not counted by the month.")


@entity(rows.Account, prefix="acc")
class Account:
    """A tenant."""

    name = column("What the tenant is called, also in letters.")
    slug = column("The tenant's name for addresses, with a random end; it never changes.")
    status = column("Whether the account may be used, and how.")
    plan = relation("What the account may use, and at what price.")
    owner = relation("Whom the account belongs to; null only while there is nobody.")
    limits = every("key", "What the plan allows, and how much of it is used.")
    default_country = column("Of keywords that are made without one: ISO 3166, such as US; null for none.")
    default_language = column("Of keywords that are made without one: BCP 47, such as en; null for none.")
    default_word_count = column(
        "How long a task made without a word count shall be: 100 to 10,000 words; 1,000 at first."
    )
    default_author_profile = relation(
        "In whose voice articles are written when nobody is chosen; null for no particular one."
    )
    credits = relation("Credits to spend, and credits set aside for work under way.")
    users = relation("Its people, active or not.", requires=Permission.MANAGE_USERS)
    invitations = relation("Who was asked to join, also those that are over.", requires=Permission.MANAGE_USERS)
    api_keys = relation("Ways in for programs, also those that have ended.", requires=Permission.MANAGE_ACCOUNT)
    sites = relation("The websites of it that the caller may see.")
    jobs = relation("All background work that the caller may see.")
    credit_transactions = relation("The ledger: every change of its credits.", requires=Permission.VIEW_BILLING)
    credit_usage_logs = relation("What each item of work cost.", requires=Permission.VIEW_BILLING)
    audit_events = relation("Who did what in it.", requires=Permission.MANAGE_ACCOUNT)
    created_at = column()
    updated_at = column()
    version = column("For expectedVersion of an update; counts changes.")


@entity(rows.Invitation, prefix="inv", requires=Permission.MANAGE_USERS)
class Invitation:
    """Somebody is asked to join; open until it is accepted, revoked or has expired."""

    email = column("The address that the letter went to, in small letters.", search=True)
    role = column("What whoever accepts may do.", filter=True)
    invited_by = relation("Who asked; null when that user is gone.")
    expires_at = column("When the newest letter's link ends: seven days after it was sent.", order=True)
    accepted_at = column("When somebody joined by it; null while nobody has.")
    revoked_at = column("When it was taken back; null while it is open or was accepted.")
    created_at = column(order=True)


@entity(rows.ApiKey, prefix="key", requires=Permission.MANAGE_ACCOUNT)
class ApiKey:
    """A program's way in, in its maker's name. Its text was shown once."""

    name = column("What its maker calls the program.", search=True)
    prefix = column("How its text begins, to tell keys apart.")
    permissions = column("Of those that its maker has. Reading takes READ; what is @forPeople no key may do.")
    user = relation("Who made it, and in whose name it acts.")
    expires_at = column("When it ends by itself; null for never.")
    last_used_at = column("When a request last came with it, to the minute; null for never.")
    revoked_at = column("When it was ended early, by hand or with its maker; null while it was not.")
    created_at = column(order=True)


@entity(rows.Session, prefix="ses")
class Session:
    """A sign-in of the caller, or an API key of theirs."""

    user_agent = column("What the browser or program calls itself.")
    ip = column("The network address that it was begun from.")
    is_api_key = column("Whether it is an API key's, not a person's.", filter=True)
    last_used_at = column("When it was last refreshed, or its key was used.", order=True)
    expires_at = column("When it ends unless it is refreshed.")
    revoked_at = column("When it was ended before its time; null while it was not.")
    revoked_reason = column("Why it was ended early, such as SIGNED_OUT or PASSWORD_CHANGED; null while it was not.")
    created_at = column(order=True)


@entity(rows.User, prefix="usr")
class User:
    """Somebody of the account."""

    email = column("The address to sign in with, in small letters; unique on the whole platform.", search=True)
    first_name = column("Given name; empty where nobody gave one.")
    last_name = column("Family name; empty where nobody gave one.")
    role = column("What this user may do in the account.", filter=True)
    is_active = column("Whether they may sign in; who may not takes no place of the plan's.", filter=True)
    email_verified_at = column("When a link showed that the address is theirs; null while none has.")
    last_sign_in_at = column("When they last signed in with a password; null for never.")
    account = relation("The tenant whose user it is.")
    site_access = relation(
        "The sites that an editor or viewer was granted; owners and admins see all.", requires=Permission.MANAGE_USERS
    )
    created_at = column(order=True)


@entity(rows.Industry, prefix="ind")
class Industry:
    """A line of business, from the shared catalogue."""

    name = column("What the line of business is called.")
    slug = column("The industry's name for addresses; unique, and never changed.")
    description = column("What belongs to the industry; empty where nobody said.")
    is_active = column("Whether it is offered to sites; those that are of it stay so.")
    sectors = every("name", "Its parts, by name.")


@entity(rows.IndustrySector, prefix="inds")
class IndustrySector:
    """A part of an industry, from the shared catalogue."""

    name = column("What the part of the industry is called.")
    slug = column("Its name for addresses; unique within the industry.")
    description = column("What belongs to this part; empty where nobody said.")
    is_active = column("Whether it is offered to sectors of sites; those that are of it stay so.")
    industry = relation("The line of business that it is a part of.")


@entity(rows.Site, prefix="site")
class Site:
    """A website of the account, with up to five active sectors."""

    name = column("What people call the website.", search=True, order=True)
    slug = column("The site's name for addresses, from its first name; unique in the account.")
    domain = column("The bare host, such as example.com; null where it is not known yet.")
    is_active = column("Whether its status is ACTIVE.", filter=True)
    status = column("Whether it is worked on, set aside or archived.", filter=True)
    account = relation("The tenant that the website belongs to.")
    industry = relation("Its line of business; null where none was chosen.", filter=True)
    sectors = relation("Its topics, at most five of them active.")
    keywords = relation("All keywords of its sectors.")
    clusters = relation("All clusters of its sectors.")
    ideas = relation("All ideas for pages of its sectors.")
    tasks = relation("All that is to be written for it.")
    contents = relation("All its articles and pages.")
    taxonomies = relation("Its categories, tags and attributes.")
    integrations = relation("Where its contents are published to.")
    publishing_calendar = relation("When its contents come out.")
    publications = relation("What of it is published, or shall be.")
    publishing_records = relation("All attempts to publish something of it.")
    jobs = relation("Background work for it, also what has ended.")
    events = relation("What was done on it in the last thirty days, and the jobs that have ended.")
    archived_at = column("When deleteSites archived it; thirty days later it is purged. null while it is in use.")
    user_access = relation(
        "The editors and viewers who were granted it; owners and admins see it anyway.",
        requires=Permission.MANAGE_USERS,
    )
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update; counts changes.")


@entity(rows.Sector, prefix="sec")
class Sector:
    """A topic of a site."""

    name = column("What people call the topic.", search=True, order=True)
    slug = column("The sector's name for addresses, from its first name; unique on the site.")
    description = column("What the topic is about, for people and for prompts; empty where nobody said.")
    is_active = column("Whether it is one of the site's five at most that work goes into.", filter=True)
    status = column("ACTIVE as long as it is in use.", filter=True)
    site = relation("The website whose topic it is.", filter=True)
    industry_sector = relation("The part of the site's industry that it stands for; null where none was chosen.")
    keywords = relation("The keywords of this topic.")
    clusters = relation("The clusters of this topic.")
    ideas = relation("The ideas for pages of this topic.")
    tasks = relation("What is to be written about this topic.")
    contents = relation("The articles and pages about this topic.")
    jobs = relation("Background work for this topic, also what has ended.")
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update; counts changes.")


@entity(rows.SiteAccess, prefix="acs", requires=Permission.MANAGE_USERS)
class SiteAccess:
    """Lets an editor or viewer see a site."""

    site = relation("The website that may be seen.")
    user = relation("The editor or viewer who may see it.")
    granted_by = relation("Who let them see it, also by an invitation; null when that user is gone.")
    created_at = column(order=True)


@strawberry.type(description="A tenant, as staff finds it.")
class AccountSummary:
    account_id: strawberry.ID = strawberry.field(description="For the mutations of staff.")
    name: str = strawberry.field(description="What the tenant is called.")
    slug: str = strawberry.field(description="Its name in addresses.")
    status: AccountStatus = strawberry.field(description="Whether it may be used, and how.")
    plan: str = strawberry.field(description="The name of the plan that it is on.")
    balance: int = strawberry.field(description="Credits that it can start work with.")
    users: int = strawberry.field(description="How many people it has.")
    created_at: datetime


@strawberry.type(description="What holds for the whole platform.")
class SystemSettings:
    sign_ups_open: bool = strawberry.field(description="Whether anybody may make an account.")
    sign_up_by_letter: bool | None = strawberry.field(
        description="Whether who signs up confirms the address before signing in, so that no answer tells whose "
        "address has an account; null: in production."
    )
    sign_up_plan: Plan = strawberry.field(description="The plan of new accounts.")
    support_email: str | None = strawberry.field(
        description="The e-mail address where people find help; null where nobody set it."
    )
    notice: str | None = strawberry.field(description="For all users to read; null for nothing to say.")
    updated_at: datetime
