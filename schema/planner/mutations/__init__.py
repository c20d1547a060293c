"""Mutations of planning."""

import strawberry

from schema.planner.mutations.clusters import ClusterMutation
from schema.planner.mutations.ideas import IdeaMutation
from schema.planner.mutations.keywords import KeywordMutation


@strawberry.type
class PlannerMutation(KeywordMutation, ClusterMutation, IdeaMutation):
    pass
