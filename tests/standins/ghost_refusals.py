"""What a Ghost site says when it refuses something."""


class Refusal(Exception):
    """With the one error that Ghost puts in a list."""

    def __init__(
        self, status: int, type: str, message: str, context: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        error = {"message": message, "context": context, "type": type, "code": code}
        self.status, self.body = status, {"errors": [error]}


def invalid(context: str, verb: str, what: str = "post") -> Refusal:
    return Refusal(422, "ValidationError", f"Validation error, cannot {verb} {what}.", context)


def bad_filter(kind: str) -> Refusal:
    message = f"Request not understood error, cannot list {kind}."
    return Refusal(400, "BadRequestError", message, "Error parsing filter")


def nobody() -> Refusal:
    return Refusal(403, "NoPermissionError", "Authorization failed", "Unable to determine the authenticated user")


def unknown_key() -> Refusal:
    return Refusal(401, "UnauthorizedError", "Unknown Admin API Key", code="UNKNOWN_ADMIN_API_KEY")


def bad_token(why: str) -> Refusal:
    return Refusal(401, "UnauthorizedError", f"Invalid token: {why}", code="INVALID_JWT")


def missing(verb: str, what: str, context: str) -> Refusal:
    return Refusal(404, "NotFoundError", f"Resource not found error, cannot {verb} {what}.", context)
