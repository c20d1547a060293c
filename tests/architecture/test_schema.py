"""The schema walked: what a field of the graph may be, what may be null, names and shapes clients rely on."""

import re
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
    parse,
)
from sqlalchemy import Column, Table, inspect
from strawberry.types.base import get_object_definition

from domain.access import PERMISSIONS, Permission
from domain.errors import camel
from persistence.graph.model import Entity, ToEvery, ToMany, ToOne, Value
from persistence.graph.scalars import LENGTHS
from persistence.models.base import Base, Edge, LineType
from schema import GUARDED, PUBLIC, Mutation, build_schema
from schema.auth.mutations import AuthMutation
from schema.graph.entity import REGISTRY, Binding
from schema.graph.fields import ForPeople, GraphField, Requires
from tests.benchmarks.reads.queries import OURS
from tests.conftest import Place
from tests.jobs.support import sql

SCHEMA = build_schema()
CORE = SCHEMA._schema
PLAIN_LISTS = {
    ("Account", "limits"),
    ("Query", "nodes"),
    ("Query", "accountSummaries"),
    ("Query", "creditUsage"),
    ("Query", "cannibalisation"),
    ("Cannibalisation", "contents"),
    ("ContentDiff", "fields"),
    ("ContentDiff", "blocks"),
    ("Query", "industries"),
    ("Query", "plans"),
    ("Industry", "sectors"),
    ("JobItem", "calls"),
    ("Integration", "checks"),
    ("PublishingCalendar", "slots"),
    ("PublishReadiness", "problems"),
    ("Query", "promptTemplates"),
    ("PromptTemplate", "variables"),
    ("SystemMetrics", "queues"),
    ("SystemMetrics", "failures"),
    ("SystemMetrics", "documents"),
}
# What takes another permission than READ, beside the mutations.
REQUIRED = {
    ("Query", "user"): Permission.MANAGE_USERS,
    ("Query", "users"): Permission.MANAGE_USERS,
    ("Query", "invitations"): Permission.MANAGE_USERS,
    ("Query", "apiKeys"): Permission.MANAGE_ACCOUNT,
    ("Query", "accountSummaries"): Permission.STAFF,
    ("Query", "promptPreview"): Permission.MANAGE_ACCOUNT,
    ("Query", "creditTransactions"): Permission.VIEW_BILLING,
    ("Query", "creditUsageLogs"): Permission.VIEW_BILLING,
    ("Query", "creditUsage"): Permission.VIEW_BILLING,
    ("Query", "auditEvents"): Permission.MANAGE_ACCOUNT,
    ("Account", "invitations"): Permission.MANAGE_USERS,
    ("Account", "apiKeys"): Permission.MANAGE_ACCOUNT,
    ("User", "siteAccess"): Permission.MANAGE_USERS,
    ("Query", "estimate"): Permission.PLAN,
    ("Query", "systemMetrics"): Permission.STAFF,
    ("Query", "prompt"): Permission.MANAGE_ACCOUNT,
    ("Query", "prompts"): Permission.MANAGE_ACCOUNT,
    ("Query", "aiSettings"): Permission.MANAGE_ACCOUNT,
    ("Account", "users"): Permission.MANAGE_USERS,
    ("Site", "userAccess"): Permission.MANAGE_USERS,
    ("Account", "creditTransactions"): Permission.VIEW_BILLING,
    ("Account", "creditUsageLogs"): Permission.VIEW_BILLING,
    ("Account", "auditEvents"): Permission.MANAGE_ACCOUNT,
}
ENTITIES_REQUIRE = {
    "Prompt": Permission.MANAGE_ACCOUNT,
    "AiSettings": Permission.MANAGE_ACCOUNT,
    "ApiKey": Permission.MANAGE_ACCOUNT,
    "AuditEvent": Permission.MANAGE_ACCOUNT,
    "CreditTransaction": Permission.VIEW_BILLING,
    "CreditUsageLog": Permission.VIEW_BILLING,
    "Invitation": Permission.MANAGE_USERS,
    "SiteAccess": Permission.MANAGE_USERS,
}
ANYBODY = {  # who signs in, about themselves
    "signOut",
    "changePassword",
    "requestEmailVerification",
    "requestEmailChange",
    "revokeSessions",
    "revokeOtherSessions",
    "updateProfile",
}
OWNERS = {"cancelAccount", "transferOwnership"}  # what no program does for them


def objects() -> list[GraphQLObjectType]:
    return [k for n, k in CORE.type_map.items() if isinstance(k, GraphQLObjectType) and not n.startswith("__")]


def entities() -> list[tuple[GraphQLObjectType, Binding, Entity]]:
    found = []
    for name, binding in REGISTRY.bindings.items():
        kind = CORE.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        assert binding.entity
        found.append((kind, binding, binding.entity))
    return found


def site_columns(place: Place) -> dict[str, str | None]:
    """Of each tenant table the column that its policy checks the site by; None where rows belong to the account."""
    query = r"select tablename, substring(qual, '(\w+) = ANY') from pg_policies where policyname = 'tenant'"
    return dict(sql(place, query))


def test_a_field_of_an_entity_is_a_column_an_expression_or_an_edge() -> None:
    for kind, binding, entity in entities():
        assert list(kind.fields) == list(entity.fields)
        definition = get_object_definition(binding.cls, strict=True)
        for field in definition.fields:
            assert isinstance(field, GraphField), f"{kind.name}.{field.name} is resolved in Python"
            assert field.base_resolver is None
        for name, member in entity.fields.items():
            declared = get_named_type(kind.fields[name].type)
            match member:
                case Value():
                    assert is_leaf_type(declared)
                case ToOne(target) | ToEvery(target):
                    assert declared.name == target
                case ToMany(target):
                    assert declared.name == f"{target}Connection"


def test_an_edge_runs_along_foreign_keys() -> None:
    """But for views', which have none, and for the actor of an event, which outlives the user."""
    classes: dict[str, Any] = {mapper.class_.__name__: mapper.class_ for mapper in Base.registry.mappers}
    edges = [
        (name, key, edge)
        for name, row in classes.items()
        for key in dir(row)
        if isinstance(edge := getattr(row, key), Edge)
    ]
    astray = set()
    for name, key, edge in edges:
        near, far = (inspect(classes[each]).local_table for each in (name, edge.target))
        refers, to = (near.c[edge.local], far) if edge.remote == "id" else (far.c[edge.remote], near)
        if not _leads(refers, to):
            astray.add((name, key))
    assert len(edges) > 100
    views = {("Account", "limits"), ("Site", "events"), *(("SiteEvent", key) for key in ("actor", "job", "site"))}
    assert astray == {("AuditEvent", "actor"), *views}


def _leads(column: Column[Any], table: Table, seen: tuple[Column[Any], ...] = ()) -> bool:
    """Whether the column's keys end at the table's id, those of the columns that it refers to included."""
    if column.table is table and column.name == "id":
        return True
    further = (key.column for key in column.foreign_keys if key.column not in seen)
    return any(_leads(each, table, (*seen, each)) for each in further)


def test_nullability_is_that_of_the_column() -> None:
    for kind, _, entity in entities():
        for name, member in entity.fields.items():
            nullable = isinstance(member, Value | ToOne) and member.nullable
            assert isinstance(kind.fields[name].type, GraphQLNonNull) is not nullable, f"{kind.name}.{name}"


def test_a_non_null_relation_leads_to_a_row_that_is_seen_whenever_its_source_is(place: Place) -> None:
    tables = site_columns(place)
    assert (tables["site"], tables["keyword"], tables["app_user"]) == ("id", "site_id", None)
    for kind, binding, entity in entities():
        columns: Any = inspect(binding.row).local_table.c  # type: ignore[attr-defined]
        for name, member in entity.fields.items():
            if not isinstance(member, ToOne) or member.nullable:
                continue
            target, source = REGISTRY.graph.entities[member.target].table, entity.table
            assert not columns[member.local].nullable, f"{kind.name}.{name}"
            if tables.get(target) is None:
                continue
            site = tables.get(source)
            assert site, f"{kind.name}.{name}: {source} is seen by those who do not see its {target}"
            assert not columns[site].nullable, f"{kind.name}.{name}"


def test_lists_are_connections() -> None:
    for kind in objects():
        if kind.name.endswith(("Connection", "Edge", "Payload")):
            continue
        for name, field in kind.fields.items():
            if is_list_type(get_nullable_type(field.type)) and not is_leaf_type(get_named_type(field.type)):
                assert (kind.name, name) in PLAIN_LISTS, f"{kind.name}.{name}"


def test_connections_have_one_shape() -> None:
    for kind in objects():
        if kind.name.endswith("Connection"):
            node = kind.name.removesuffix("Connection")
            shape = {name: str(field.type) for name, field in kind.fields.items()}
            assert shape == {
                "nodes": f"[{node}!]!",
                "edges": f"[{node}Edge!]!",
                "pageInfo": "PageInfo!",
                "totalCount": "Int!",
            }
        for name, field in kind.fields.items():
            if get_named_type(field.type).name.endswith("Connection"):
                assert list(field.args)[:4] == ["first", "after", "last", "before"], f"{kind.name}.{name}"


def mutations() -> dict[str, GraphQLField]:
    assert CORE.mutation_type
    return dict(CORE.mutation_type.fields)


def test_a_mutations_input_is_named_after_it() -> None:
    for name, field in mutations().items():
        for argument, declared in field.args.items():
            kind = get_named_type(declared.type)
            if isinstance(kind, GraphQLInputObjectType):
                assert argument == "input", name
                assert kind.name == f"{name[0].upper()}{name[1:]}Input"


def test_every_payload_has_user_errors() -> None:
    for name, field in mutations().items():
        assert isinstance(field.type, GraphQLNonNull), name
        payload = get_named_type(field.type)
        assert isinstance(payload, GraphQLObjectType)
        assert payload.name.endswith("Payload"), name
        assert str(payload.fields["userErrors"].type) == "[UserError!]!"
        for part, declared in payload.fields.items():
            assert part == "userErrors" or not isinstance(declared.type, GraphQLNonNull), f"{payload.name}.{part}"


def test_what_makes_or_charges_may_be_sent_again() -> None:
    # A key's secret is shown once; plans and industries are nobody's and their slugs are taken the second time; an
    # idea gives one task however often it is asked.
    apart = {"createApiKey", "createPlan", "createIndustry", "createIndustrySector", "createTasksFromIdeas"}
    assert CORE.mutation_type
    makers = {name for name in CORE.mutation_type.fields if name.startswith("create")} | {"adjustCredits"}
    assert apart < makers
    for name in makers - apart:
        (argument,) = CORE.mutation_type.fields[name].args.values()
        taken = get_named_type(argument.type)
        assert isinstance(taken, GraphQLInputObjectType)
        assert "idempotencyKey" in taken.fields, name


def test_what_takes_a_secret_is_guarded() -> None:
    """It guesses or hashes, so that an operation may have one of it."""
    assert CORE.mutation_type
    found = set()
    for name, mutation in CORE.mutation_type.fields.items():
        for argument, given in mutation.args.items():
            kind = get_named_type(given.type)
            fields = kind.fields if isinstance(kind, GraphQLInputObjectType) else {argument: given}
            if any(re.search(r"token$|^password|^\w+Password$", field, re.IGNORECASE) for field in fields):
                found.add(name)
    sites = {"createSite", "updateSite"}  # a password of the site's own
    assert found - sites <= GUARDED
    assert {field for _, field in PUBLIC} <= GUARDED


def test_what_has_an_id_is_a_node_and_nothing_else_has_one() -> None:
    for kind in objects():
        is_node = any(interface.name == "Node" for interface in kind.interfaces)
        assert ("id" in kind.fields) is is_node, kind.name


def test_names() -> None:
    for name, kind in CORE.type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(kind, GraphQLEnumType):
            assert all(re.fullmatch(r"[A-Z][A-Z0-9_]*", value) for value in kind.values), name
        if is_object_type(kind) or isinstance(kind, GraphQLInputObjectType):
            assert all(re.fullmatch(r"[a-z][a-zA-Z0-9]*", field) for field in kind.fields), name  # type: ignore[attr-defined]


def requirements() -> dict[tuple[str, str], Permission]:
    """Of fields, and of types under an empty name."""
    found = {}
    for kind in SCHEMA.schema_converter.type_map.values():
        definition = get_object_definition(getattr(kind.definition, "origin", None))
        if definition is None:
            continue
        named = [(SCHEMA.config.name_converter.get_graphql_name(f), f.directives) for f in definition.fields]
        for name, directives in [("", definition.directives or ()), *named]:
            for directive in directives:
                if isinstance(directive, Requires):
                    found[definition.name, name] = directive.permission
    return found


def test_what_needs_a_permission_says_so() -> None:
    required = requirements()
    assert {n: p for (n, field), p in required.items() if not field} == {
        name: ENTITIES_REQUIRE.get(name, Permission.READ) for name in REGISTRY.bindings
    }
    reads = {key: p for key, p in required.items() if key[1] and key[0] != "Mutation"}
    assert {key: p for key, p in reads.items() if p is not Permission.READ} == REQUIRED
    for root in (CORE.query_type, CORE.subscription_type):
        assert root
        assert {name for name in root.fields if (root.name, name) not in reads} <= {"viewer"}
    open_to_all = {name for kind, name in PUBLIC if kind == "Mutation"} | ANYBODY
    assert {name for name in mutations() if ("Mutation", name) not in required} == open_to_all
    assert all(Permission.READ in held for held in PERMISSIONS.values()), "who has signed in just now reads"


def test_what_is_for_people_alone_is_all_that_signs_in_and_what_only_an_owner_does() -> None:
    converter = SCHEMA.config.name_converter
    in_sign_in = {converter.get_graphql_name(f) for f in get_object_definition(AuthMutation, strict=True).fields}
    definition = get_object_definition(Mutation, strict=True)
    for_people = {
        converter.get_graphql_name(field)
        for field in definition.fields
        if any(isinstance(directive, ForPeople) for directive in field.directives)
    }
    assert for_people == in_sign_in | ANYBODY | OWNERS
    assert len(re.findall(r"Payload! @forPeople\b", SCHEMA.as_str())) == len(for_people), "printed with each of them"


def test_a_permission_is_printed_where_it_is_declared() -> None:
    printed = re.findall(r"@requires\(permission: (\w+)\)", SCHEMA.as_str())
    assert sorted(printed) == sorted(p.value for p in requirements().values())


GIVEN = {"sector": "sec_", "site": "site_", "id": "kw_", "status": ["NEW"]}
BOUNDED = {
    ("Image", "url"),
    ("PublishingSlot", "at"),
    ("SiteEvent", "subjectId"),
    ("SiteEvent", "subjectType"),
}  # of expressions: made of columns that have a bound


def test_every_text_without_a_bound_is_counted_before_it_is_read() -> None:
    counted = set()
    for name, binding in REGISTRY.bindings.items():
        assert binding.entity
        for python, part in binding.parts.items():
            field, value = camel(python), binding.entity.fields[camel(python)]
            if not isinstance(value, Value) or value.scalar not in LENGTHS or (name, field) in BOUNDED:
                continue
            column = inspect(binding.row).columns[python] if part.kind == "column" else None
            short = column is not None and isinstance(column.type, LineType)
            assert short is (value.length is None), f"{name}.{field}"
            counted |= set() if short else {(name, field)}
    assert {("Content", "htmlContent"), ("ContentRevision", "htmlContent"), ("Prompt", "promptValue")} <= counted


@pytest.mark.parametrize(
    ("query", "long"),
    [
        *((query, False) for query in OURS.values()),
        ("{ contents { nodes { id title excerpt wordCount revisions { totalCount } } } }", False),
        ("{ contents { nodes { htmlContent } } }", True),
        ("{ contents { edges { node { revisions { nodes { htmlContent } } } } } }", True),
        ("{ tasks(last: 3) { nodes { content { htmlContent } } } }", True),
        ("{ clusters { nodes { description } } }", True),
        ("{ tasks { nodes { keywords } } }", True),
    ],
)
def test_only_statements_with_long_texts_are_measured(query: str, long: bool) -> None:
    plan = SCHEMA.planner.plan(query, None, parse(query), GIVEN).roots

    assert plan
    assert plan.measured is long
    assert ("octet_length" in plan.sql) is long
