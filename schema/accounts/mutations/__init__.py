"""Mutations of accounts, their sites, sectors and people, and of staff."""

import strawberry

from schema.accounts.mutations.accounts import AccountMutation
from schema.accounts.mutations.catalogue import CatalogueMutation
from schema.accounts.mutations.people import PeopleMutation
from schema.accounts.mutations.sectors import SectorMutation
from schema.accounts.mutations.sites import SiteMutation
from schema.accounts.mutations.staff import StaffMutation


@strawberry.type
class AccountsMutation(AccountMutation, SiteMutation, SectorMutation, PeopleMutation, CatalogueMutation, StaffMutation):
    pass
