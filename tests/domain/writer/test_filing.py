"""What a content is filed under is part of what was approved."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import pytest

from domain.access import PERMISSIONS
from domain.errors import DomainError
from domain.writer.taxonomies import set_content_attributes, set_content_clusters, set_content_taxonomies
from persistence.models import Content
from persistence.terms import ContentOrigin, ContentStatus, ErrorCode, Role
from tests.domain.house import House

ATTRIBUTES = [("Roast", "dark")]
SETTING: dict[Callable[..., Awaitable[UUID]], Sequence[Any]] = {
    set_content_taxonomies: (),
    set_content_clusters: (),
    set_content_attributes: ATTRIBUTES,
}


@pytest.mark.parametrize("status", ContentStatus)
@pytest.mark.parametrize("role", [Role.EDITOR, Role.ADMIN])
async def test_what_was_approved_is_filed_anew_by_who_may_approve(
    house: House, status: ContentStatus, role: Role
) -> None:
    tenant = await house.tenant()
    sector = await house.sector(tenant)
    held = PERMISSIONS[role]
    settled = status in (ContentStatus.APPROVED, ContentStatus.PUBLISHED)
    content = Content(
        account_id=tenant.account_id, site_id=sector.site_id, sector_id=sector.id, title="A page", slug="a-page",
        html_content="<p>x</p>", origin=ContentOrigin.HUMAN, status=status,
    )  # fmt: skip
    async with house.people(tenant.scope()) as unit:
        unit.add(content)
        await unit.flush()
        id = content.id

    for act, given in SETTING.items():
        async with house.people(tenant.scope()) as unit:
            if settled and role is Role.EDITOR:
                with pytest.raises(DomainError, match="take it back to REVIEW") as refused:
                    await act(unit, id, given, held)
                assert (refused.value.code, refused.value.field) == (ErrorCode.CONFLICT, ("input", "contentId"))
            else:
                assert await act(unit, id, given, held) == id

    filed = house.sql("select name, value from content_attribute_map where content_id = %s", id)
    assert filed == ([] if settled and role is Role.EDITOR else ATTRIBUTES)
