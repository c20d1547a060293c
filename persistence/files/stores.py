"""A store at an address."""

from persistence.files.bucket_store import BucketStore
from persistence.files.folder_store import FolderStore
from persistence.files.object_store import ObjectStore
from persistence.files.store_address import Address, Folder


def store_at(address: Address) -> ObjectStore:
    """Nothing is asked of it yet."""
    return FolderStore(address.path) if isinstance(address, Folder) else BucketStore(address)
