"""What integrations take."""

from uuid import UUID

import strawberry

from persistence.terms import WordPressMarkup
from schema.mutation import ABSENT, described, given_id_field, id_field


@strawberry.input
class WordPressInput:
    url: str | None = described("The site's own address, such as https://example.com/blog.", ABSENT)
    username: str | None = described("Who publishes: a user's name or e-mail address there.", ABSENT)
    app_password: str | None = described("An application password of that user. Write-only; encrypted.", ABSENT)
    markup: WordPressMarkup | None = described("How bodies are written; BLOCKS where not given.", ABSENT)


@strawberry.input
class GhostInput:
    url: str | None = described("The site's own address, such as https://example.com; not that of its admin.", ABSENT)
    admin_api_key: str | None = described(
        "The Admin API key of a custom integration there, id:secret. Write-only; encrypted.", ABSENT
    )


@strawberry.input
class FolderInput:
    root: str | None = described("One of the folders that the operator has set up, by name; else one of ours.", ABSENT)
    base_url: str | None = described(
        "Where readers find what lies in the folder, such as https://example.com/blog; pages have no address without.",
        ABSENT,
    )


@strawberry.input
class S3Input:
    endpoint: str | None = described("Of other services than Amazon's: their API, such as https://host:port.", ABSENT)
    region: str | None = described("The bucket's region; us-east-1 where not given.", ABSENT)
    bucket: str | None = described("The bucket's name.", ABSENT)
    prefix: str | None = described("The folder in it, such as blog; null for none.", ABSENT)
    access_key_id: str | None = described("Of a key that may list the bucket, and get, put and delete in it.", ABSENT)
    secret_access_key: str | None = described("The key's other half. Write-only; encrypted.", ABSENT)
    base_url: str | None = described(
        "Where readers find what lies in the folder, such as https://example.com/blog; pages have no address without.",
        ABSENT,
    )


@strawberry.input
class WebhookInput:
    url: str | None = described("The receiver's address, whole.", ABSENT)
    secret: str | None = described(
        "What messages are signed with: whsec_ and base64 of 24 to 64 bytes. Where none is given, one is made, and "
        "signingSecret of the answer says it once. Write-only; encrypted.",
        ABSENT,
    )


@strawberry.input
class CreateIntegrationInput:
    site_id: UUID = id_field("Site", "The website whose contents are published there.")
    name: str = described("What people call it, 1 to 100 characters; unique on the site.")
    word_press: WordPressInput | None = described("A WordPress site: url, username and appPassword.", None)
    ghost: GhostInput | None = described("A Ghost site: url and adminApiKey.", None)
    folder: FolderInput | None = described("A folder of pages beside the server; {} is enough.", None)
    s3: S3Input | None = described("A bucket of pages: bucket, accessKeyId and secretAccessKey.", None)
    webhook: WebhookInput | None = described("A receiver of signed messages: url.", None)
    sync_minutes: int | None = described("How often it is looked at, from 5 to 10,080; never where not given.", None)
    sync_sector_id: UUID | None = id_field(
        "Sector",
        "Where what is found there and not known here is put; else the site's first.",
        optional=True,
    )
    idempotency_key: str | None = None


@strawberry.input
class UpdateIntegrationInput:
    name: str | None = described("What people call it, 1 to 100 characters.", None)
    word_press: WordPressInput | None = described("Of a WordPress site; what is absent stays.", None)
    ghost: GhostInput | None = described("Of a Ghost site; what is absent stays.", None)
    folder: FolderInput | None = described("Of a folder: what is absent stays, and root never changes.", None)
    s3: S3Input | None = described("Of a bucket; what is absent stays.", None)
    webhook: WebhookInput | None = described(
        "Of a receiver: what is absent stays; with secret: null a new one is made.", None
    )
    sync_minutes: int | None = described("How often it is looked at, from 5 to 10,080; null for never.", ABSENT)
    sync_sector_id: UUID | None = given_id_field(
        "Sector", "Where what is found there and not known here is put; null for the site's first."
    )
    expected_version: int | None = None


@strawberry.input
class DeleteIntegrationsInput:
    cascade: bool = described("Also where something is published; it stays there, and is not known here.", False)


@strawberry.input
class TestConnectionInput:
    integration_id: UUID = id_field("Integration", "What to try.")
    idempotency_key: str | None = None
