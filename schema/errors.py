"""Errors as clients see them: expected ones with their code, faults masked; always with the request's id."""

import re
from collections.abc import Iterator

import structlog
from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.extensions import MaskErrors
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from domain.errors import DomainError, translate
from persistence.errors import PersistenceError
from persistence.graph.selection import BadArgument
from persistence.terms import ErrorCode
from schema.context import Context

log = structlog.get_logger()
FAULT = "Something went wrong on our side; it has been noted."
SUGGESTION = re.compile(r" Did you mean [^?]*\?")


def expected(error: BaseException | None) -> DomainError | None:
    """The failure a client can act on; None for a fault."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, BadArgument):
        return DomainError(ErrorCode.BAD_INPUT, error.message, *error.path)
    if why := why_not_run(error):
        return DomainError(ErrorCode.BAD_INPUT, why)
    return translate(error) if isinstance(error, PersistenceError) else None


def why_not_run(error: BaseException | None) -> str | None:
    """Where the request has no operation that may be run this way."""
    match error:
        case MissingQueryError():
            return "The request has no query."
        case CannotGetOperationTypeError(operation_name=None):
            return "The document has no operation."
        case CannotGetOperationTypeError():
            return f'The document has no operation named "{error.operation_name}".'
        case InvalidOperationTypeError(operation_type=OperationType.SUBSCRIPTION):
            return "Subscriptions have many answers: subscribe over a WebSocket, by graphql-transport-ws."
        case InvalidOperationTypeError():
            return "Only queries may come by GET: use POST."
    return None


def cause_of(error: GraphQLError) -> Exception | None:
    """What was raised. What is wrong with a document or a variable is the client's own: it has a place and no path."""
    cause = error.original_error
    return None if not error.path and (error.nodes or isinstance(cause, GraphQLError)) else cause


def log_faults(errors: list[GraphQLError], context: Context | None) -> None:
    """Once each, with the request's id; what a client did wrong is not our fault."""
    for error in errors:
        cause = cause_of(error)
        if cause is not None and expected(cause) is None:
            request_id = context.request_id if context else None
            log.error("request failed", request_id=request_id, path=error.path, exc_info=cause)


def told(error: Exception, context: Context) -> GraphQLError:
    """Where no engine is between: as the client gets it, and in the log where it is a fault."""
    failed = error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)
    log_faults([failed], context)
    return worded(failed, context)


class Errors(MaskErrors):
    """Gives every error `extensions {code requestId}`."""

    def __init__(self) -> None:
        super().__init__(error_message=FAULT)

    def on_operation(self) -> Iterator[None]:
        yield from super().on_operation()

    def _process_errors(self, errors: list[GraphQLError]) -> list[GraphQLError]:
        return [worded(error, self.execution_context.context) for error in errors]


def worded(error: GraphQLError, context: Context) -> GraphQLError:
    """As the client gets it; a fault is counted, and says no more than that."""
    cause = cause_of(error)
    known = expected(cause)
    extensions: dict[str, object] = {"requestId": context.request_id}
    message = error.message
    if known:
        message = known.message
        extensions["code"] = known.code.value
        if known.field:
            extensions["field"] = list(known.field)
    elif cause is None:
        extensions = {"code": ErrorCode.BAD_INPUT.value, **(error.extensions or {}), **extensions}
    else:
        extensions["code"] = ErrorCode.INTERNAL.value
        context.services.metrics.faults.inc()
        message = FAULT
    if context.identity is None and context.services.production:
        message = SUGGESTION.sub("", message)
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
