"""Requests that an S3 service takes for whose key they are signed with: AWS Signature Version 4.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html; object_store's own client goes through no
door, and the vendors' would bring a hundred megabytes for these few lines.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime

import httpx2

SIGNED = {"host", "content-type", "date", "if-none-match", "range"}  # beside those of Amazon's own
ALGORITHM, SERVICE, END = "AWS4-HMAC-SHA256", "s3", "aws4_request"


@dataclass(frozen=True, slots=True)
class Key:
    id: str
    secret: str = field(repr=False)
    region: str


def sign(request: httpx2.Request, key: Key, body: bytes, at: datetime) -> None:
    """`body` is the request's; the parts of its query are encoded and in order."""
    digest, stamp = hashlib.sha256(body).hexdigest(), at.strftime("%Y%m%dT%H%M%SZ")
    request.headers["x-amz-content-sha256"], request.headers["x-amz-date"] = digest, stamp
    names = sorted(name for name in request.headers if name in SIGNED or name.startswith("x-amz-"))
    path, _, query = request.url.raw_path.decode().partition("?")
    asked = "\n".join(
        [
            request.method,
            path,
            query,
            *(f"{name}:{' '.join(request.headers[name].split())}" for name in names),
            "",
            ";".join(names),
            digest,
        ]
    )
    place = f"{stamp[:8]}/{key.region}/{SERVICE}/{END}"
    text = "\n".join([ALGORITHM, stamp, place, hashlib.sha256(asked.encode()).hexdigest()])
    signature = hmac.digest(_signing_key(key, stamp[:8]), text.encode(), "sha256").hex()
    request.headers["authorization"] = (
        f"{ALGORITHM} Credential={key.id}/{place},SignedHeaders={';'.join(names)},Signature={signature}"
    )


def _signing_key(key: Key, day: str) -> bytes:
    made = f"AWS4{key.secret}".encode()
    for part in (day, key.region, SERVICE, END):
        made = hmac.digest(made, part.encode(), "sha256")
    return made
