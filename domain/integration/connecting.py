"""An integration's row as what adapters connect by."""

from domain.destinations import Connection
from persistence.models import Integration
from persistence.unit import Unit


def connection_of(unit: Unit, row: Integration) -> Connection:
    """With its secret in clear, for as long as a call takes."""
    return Connection(
        kind=row.kind,
        url=row.url,
        config={**row.config, "capabilities": row.capabilities, "id": str(row.id), "account_id": str(row.account_id)},
        secret=unit.vault.open(row.secret) if row.secret else None,
    )
