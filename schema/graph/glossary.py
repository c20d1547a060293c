"""Words of Relay, of filters and of the house that mean the same wherever they stand. All else says its own line."""

WORDS = {
    # Relay
    "id": "Opaque and stable; node(id) finds what it is of.",
    "node": "The row.",
    "nodes": "The rows of the page.",
    "edges": "The rows with their cursors.",
    "cursor": "Where it stands in its list, for after and before.",
    "pageInfo": "Where the page stands in its list.",
    "hasNextPage": "Whether rows follow.",
    "hasPreviousPage": "Whether rows go before.",
    "startCursor": "Of the first row of the page; null when it is empty.",
    "endCursor": "Of the last row of the page; null when it is empty.",
    "totalCount": "Of the whole list; counted only when it is asked for.",
    # Filters and orders
    "filter": "Which rows: all that is given must hold.",
    "and": "All of these must hold.",
    "or": "At least one of these must hold.",
    "not": "This must not hold.",
    "eq": "Exactly this.",
    "in": "One of these.",
    "notIn": "None of these.",
    "gt": "More, or later, than this.",
    "gte": "At least this.",
    "lt": "Less, or earlier, than this.",
    "lte": "At most this.",
    "direction": "ASC when not given; nulls come last either way.",
    # Rows and mutations
    "createdAt": "When it was made.",
    "updatedAt": "When it last changed.",
    "expectedVersion": "The version that was read; CONFLICT when it is another by now.",
    "idempotencyKey": "Sent again within a day, the same key gives the same result, NOT_FOUND where it is gone.",
    "input": "What is to be done.",
    "userErrors": "What the caller can put right; nothing was done then.",
}
KINDS = {  # what the end of a type's name says of it: of one, or of many
    "Connection": "A page of a list of {many}.",
    "Edge": "{One}, and where it stands in its list.",
    "OrderField": "What {many} can be ordered by.",
    "Order": "An order of {many}.",
    "Filter": "Which {many}: all that is given must hold.",
    "Payload": "What became of a change, and what the caller has to put right.",
    "Input": "What {mutation} takes.",
}
