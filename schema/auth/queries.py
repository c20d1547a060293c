import strawberry

from schema.accounts.types import Account, Session, User
from schema.auth.types import Viewer
from schema.context import Context, Info
from schema.graph.entity import ref


@strawberry.type
class AuthQuery:
    @strawberry.field(description="Who is asking.")  # type: ignore[untyped-decorator]
    def viewer(self, info: Info) -> Viewer:
        return viewer_of(info.context)


def viewer_of(context: Context) -> Viewer:
    caller = context.caller
    return Viewer(
        user=ref(User, caller.user_id),
        account=ref(Account, caller.account_id),
        role=caller.role,
        permissions=sorted(context.permissions),
        session=ref(Session, caller.session_id),
    )
