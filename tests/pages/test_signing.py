"""Signatures as Amazon's own documentation has them."""

from datetime import UTC, datetime

import httpx2
import pytest

from jobs.adapters.pages.signing import Key, sign

# The examples of "Signature Calculations for the Authorization Header", with the keys that are printed there.
KEY = Key("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
AT = datetime(2013, 5, 24, tzinfo=UTC)
HOST = "https://examplebucket.s3.amazonaws.com"


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "signed", "signature"),
    [
        ("GET", "/test.txt", {"range": "bytes=0-9"}, b"", "host;range;x-amz-content-sha256;x-amz-date",
         "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        ("PUT", "/test%24file.text",
         {"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
         b"Welcome to Amazon S3.", "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
         "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        ("GET", "/?lifecycle=", {}, b"", "host;x-amz-content-sha256;x-amz-date",
         "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        ("GET", "/?max-keys=2&prefix=J", {}, b"", "host;x-amz-content-sha256;x-amz-date",
         "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ],
)  # fmt: skip
def test_signatures(method: str, path: str, headers: dict[str, str], body: bytes, signed: str, signature: str) -> None:
    request = httpx2.Request(method, HOST + path, headers=headers, content=body)
    sign(request, KEY, body, AT)

    place = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"
    assert request.headers["authorization"] == (
        f"AWS4-HMAC-SHA256 Credential={place},SignedHeaders={signed},Signature={signature}"
    )
