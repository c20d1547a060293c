"""The older door of WordPress, asked whether a password is right: it takes it in the body, not in a header."""

import re
from html import escape

from domain.destinations import DestinationError
from jobs.adapters.wordpress.api import Api

CALL = (
    '<?xml version="1.0"?><methodCall><methodName>wp.getUsersBlogs</methodName><params>'
    "<param><value><string>{}</string></value></param><param><value><string>{}</string></value></param>"
    "</params></methodCall>"
)
WRONG = "403"  # its code of a wrong name or password


async def accepts(api: Api) -> bool | None:
    """None where it does not say, such as where it is switched off."""
    body = CALL.format(escape(api.username), escape(api.secret)).encode()
    try:
        response = await api.send(
            "POST", f"{api.url}/xmlrpc.php", None, body, {"content-type": "text/xml"}, signed=False
        )
    except DestinationError:
        return None
    text = response.text
    if not response.is_success or "<methodResponse>" not in text:
        return None
    fault = re.search(r"<name>faultCode</name>\s*<value><int>(-?\d+)</int>", text)
    if fault is None:
        return "<name>blogid</name>" in text
    return False if fault[1] == WRONG else None
