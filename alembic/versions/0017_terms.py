"""Kinds of work and types of prompts are rows, which `igny8 migrate` fills from the terms: a new one needs no revision."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TENANT_TABLES: dict[str, str | None] = {}
KINDS = (
    "IMPORT_KEYWORDS", "CLUSTER_KEYWORDS", "NAME_CLUSTERS", "CLASSIFY_INTENT", "GENERATE_IDEAS", "GENERATE_CONTENT",
    "GENERATE_IMAGE_PROMPTS", "GENERATE_IMAGES", "SEND_MAIL", "TEST_AI_PROVIDER", "TEST_IMAGE",
)
PROMPTS = ("NAME_CLUSTERS", "CLASSIFY_INTENT", "GENERATE_IDEAS", "GENERATE_CONTENT", "GENERATE_IMAGE_PROMPTS")
UP = """
create table job_kind (name text not null, constraint pk_job_kind primary key (name));
create table prompt_type (name text not null, constraint pk_prompt_type primary key (name));
insert into job_kind select distinct kind from job;
insert into prompt_type select distinct prompt_type from ai_prompt;
alter table job add constraint fk_job_kind foreign key (kind) references job_kind (name);
alter table ai_prompt add constraint fk_ai_prompt_prompt_type foreign key (prompt_type) references prompt_type (name);
alter table job drop constraint ck_job_kind;
alter table ai_prompt drop constraint ck_ai_prompt_prompt_type;
"""
DOWN = f"""
delete from job where kind not in {KINDS};
delete from ai_prompt where prompt_type not in {PROMPTS};
alter table job drop constraint fk_job_kind, add constraint ck_job_kind check (kind in {KINDS});
alter table ai_prompt drop constraint fk_ai_prompt_prompt_type,
  add constraint ck_ai_prompt_prompt_type check (prompt_type in {PROMPTS});
drop table job_kind, prompt_type;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(UP)


def downgrade() -> None:
    op.get_bind().exec_driver_sql(DOWN)
