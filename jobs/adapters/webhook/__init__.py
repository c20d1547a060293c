"""A receiver of signed messages as a destination."""

from jobs.adapters.webhook.destination import Webhook, webhook

__all__ = ["Webhook", "webhook"]
