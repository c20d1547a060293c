"""Nested lists that nobody has ordered come by id: an index for those of a cluster, which may be long.

A keyword of no cluster, as all are when they are imported, is in none of the indexes of clusters.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TENANT_TABLES: dict[str, str | None] = {}
KEYWORD_VOLUME = "ix_keyword_account_id_cluster_id_volume_id"
KEYWORD, IDEA = "ix_keyword_account_id_cluster_id_id", "ix_content_idea_account_id_cluster_id_id"


def upgrade() -> None:
    op.execute(f"drop index {KEYWORD_VOLUME}")
    op.execute(
        f"create index {KEYWORD_VOLUME} on keyword (account_id, cluster_id, volume, id) where cluster_id is not null"
    )
    op.execute(f"create index {KEYWORD} on keyword (account_id, cluster_id, id) where cluster_id is not null")
    op.execute(f"create index {IDEA} on content_idea (account_id, cluster_id, id)")


def downgrade() -> None:
    op.execute(f"drop index {IDEA}")
    op.execute(f"drop index {KEYWORD}")
    op.execute(f"drop index {KEYWORD_VOLUME}")
    op.execute(f"create index {KEYWORD_VOLUME} on keyword (account_id, cluster_id, volume, id)")
