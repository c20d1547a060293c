"""The older door: whether a name and an application password, in the body, are right."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from tests.standins.wordpress.users import User

FAULT = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<methodResponse>\n  <fault>\n    <value>\n'
    "      <struct>\n        <member>\n"
    "          <name>faultCode</name>\n          <value><int>{}</int></value>\n        </member>\n        <member>\n"
    "          <name>faultString</name>\n          <value><string>{}</string></value>\n        </member>\n"
    "      </struct>\n    </value>\n  </fault>\n</methodResponse>\n"
)
BLOGS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<methodResponse>\n  <params>\n    <param>\n      <value>\n'
    "      <array><data>\n  <value><struct>\n  <member><name>blogid</name><value><string>1</string></value></member>\n"
    "</struct></value>\n</data></array>\n      </value>\n    </param>\n  </params>\n</methodResponse>\n"
)


def answered(users: Mapping[str, User], body: bytes, *, open: bool) -> tuple[int, Any, dict[str, str]]:
    xml = {"content-type": "text/xml; charset=UTF-8"}
    if not open:
        return 200, FAULT.format(405, "XML-RPC services are disabled on this site.").encode(), xml
    said = [unescape(text) for text in re.findall(r"<string>(.*?)</string>", body.decode())]
    user = users.get(said[0]) if len(said) == 2 else None
    if user and user.takes(said[1]):
        return 200, BLOGS.encode(), xml
    return 200, FAULT.format(403, "Incorrect username or password.").encode(), xml
