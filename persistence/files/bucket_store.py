"""Objects of a bucket, by the S3 protocol."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import obstore
from obstore.store import S3Store

from persistence.files.object_store import ObjectStore, translated
from persistence.files.store_address import Bucket

if TYPE_CHECKING:
    from obstore.store import ClientConfig

CONNECT_SECONDS, SILENCE_SECONDS, RETRY_SECONDS = 5, 60, 20
LONGEST_SECONDS = 3600  # of one request: a slow reader's download is one
RETRIES = 4
NOBODY = "0"  # where no object is, so that a bucket answers shortly


class BucketStore(ObjectStore):
    """Keys and roles are looked for where AWS_* variables say: access keys, web identities, instance roles."""

    def __init__(self, bucket: Bucket) -> None:
        given = {"region": bucket.region, "endpoint": bucket.endpoint}
        options: ClientConfig = {
            "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
            "read_timeout": timedelta(seconds=SILENCE_SECONDS),
            "timeout": timedelta(seconds=LONGEST_SECONDS),
        }
        if (bucket.endpoint or "").startswith("http://"):
            options["allow_http"] = True
        self._store = S3Store(
            bucket.name,
            prefix=bucket.prefix or None,
            client_options=options,
            retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRY_SECONDS)},
            disable_bulk_delete=True,  # which not every service has
            config={name: value for name, value in given.items() if value},  # type: ignore[arg-type]  # not narrowed
        )

    async def _inner(self) -> S3Store:
        return self._store

    def _attributes(self, media_type: str) -> dict[str, Any]:
        """For whoever looks into the bucket."""
        return {"attributes": {"Content-Type": media_type}}

    async def answers(self) -> None:
        """FilesAway, too, where the bucket is not there, or may not be listed by us."""
        with translated():
            await obstore.list_with_delimiter_async(self._store, NOBODY)

    async def room(self) -> None:
        return None

    async def clear_remains(self, moment: float) -> None:
        """Of a bucket they are cleared by its own lifecycle rule for incomplete uploads: the library lists none."""
