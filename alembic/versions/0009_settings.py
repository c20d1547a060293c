"""What an account writes by default, what the platform allows; trying providers."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TENANT_TABLES: dict[str, str | None] = {}
KINDS = (
    "IMPORT_KEYWORDS", "CLUSTER_KEYWORDS", "NAME_CLUSTERS", "CLASSIFY_INTENT", "GENERATE_IDEAS", "GENERATE_CONTENT",
    "GENERATE_IMAGE_PROMPTS", "GENERATE_IMAGES", "SEND_MAIL",
)
UP = """
alter table account add default_country text, add default_language text,
  add default_word_count integer not null default 1000, add default_author_profile_id uuid;
alter table account add constraint fk_account_id_default_author_profile_id
  foreign key (id, default_author_profile_id) references author_profile (account_id, id)
  on delete set null (default_author_profile_id);

-- What was used and paid for in a sector outlives it.
alter table job drop constraint fk_job_account_id_site_id_sector_id;
alter table job add constraint fk_job_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
  references sector (account_id, site_id, id) on delete set null (sector_id);

create table system_settings (
  single boolean not null default true,
  sign_ups_open boolean not null default true,
  sign_up_plan_slug text not null default 'trial',
  support_email text,
  notice text,
  updated_at timestamp with time zone not null default now(),
  constraint pk_system_settings primary key (single),
  constraint ck_system_settings_single check (single)
);
insert into system_settings default values;
alter table system_settings enable row level security;
create policy everybody on system_settings for select using (true);
create policy staff on system_settings for update to igny8_api using (is_staff()) with check (is_staff());
create policy owner on system_settings to igny8_owner using (true);
grant select, update on system_settings to igny8_api;
grant select on system_settings to igny8_worker;
"""
DOWN = """
drop table system_settings;
alter table job drop constraint fk_job_account_id_site_id_sector_id;
alter table job add constraint fk_job_account_id_site_id_sector_id foreign key (account_id, site_id, sector_id)
  references sector (account_id, site_id, id) on delete cascade;
alter table account drop column default_country, drop column default_language, drop column default_word_count,
  drop column default_author_profile_id;
delete from job where kind in ('TEST_AI_PROVIDER', 'TEST_IMAGE');
"""


def upgrade() -> None:
    run(UP)
    allow_kinds(*KINDS, "TEST_AI_PROVIDER", "TEST_IMAGE")


def downgrade() -> None:
    run(DOWN)
    allow_kinds(*KINDS)


def allow_kinds(*kinds: str) -> None:
    run("alter table job drop constraint ck_job_kind")
    run(f"alter table job add constraint ck_job_kind check (kind in {kinds})")


def run(sql: str) -> None:
    """As it stands: colons and percent signs in SQL are no bind parameters here."""
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
