"""Keywords by words in any of their forms, each keyword in its own language.

No index: under row-level security only a function beyond it could use one, and a GIN index halves the rows that an
import writes a second. What is kept with the row makes a search of 100,000 keywords as quick as counting them.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TENANT_TABLES: dict[str, str | None] = {}
# Of BCP 47's primary subtags, those whose words PostgreSQL can stem; English first, and for all others.
LANGUAGES = {
    "en": "english", "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
STEMMERS = list(dict.fromkeys(LANGUAGES.values()))
WORDS = "asciiword, word, asciihword, hword, hword_asciipart, hword_part"
FUNCTIONS = f"""
create function word_language(language text) returns integer language sql immutable parallel safe
return case when language is null or language like 'en%' then 1 else case split_part(language, '-', 1)
  {" ".join(f"when '{code}' then {STEMMERS.index(stemmer) + 1}" for code, stemmer in LANGUAGES.items())}
  else 1 end end;

create function keyword_words(key text, language text) returns tsvector language sql immutable parallel safe
return to_tsvector((array[{", ".join(f"'public.igny8_{s}'" for s in STEMMERS)}]::regconfig[])[word_language(language)],
                   key);

-- What is searched for, in each language: a web search's quotes, `or` and `-`. No words at all are in every keyword,
-- as every keyword is without a word that has spaces.
create function word_queries(search text) returns tsquery[] language sql immutable parallel safe
return (select array_agg(case when numnode(q) = 0 then $$!'no such word'$$::tsquery else q end order by n)
          from unnest(array[{", ".join(f"'public.igny8_{s}'" for s in STEMMERS)}]::regconfig[]) with ordinality s(c, n),
               websearch_to_tsquery(c, search) q);

revoke execute on function word_language(text), keyword_words(text, text), word_queries(text) from public;
grant execute on function word_language(text), keyword_words(text, text), word_queries(text) to igny8_api, igny8_worker;
"""


def upgrade() -> None:
    for stemmer in STEMMERS:
        # Without stop words: `how to` is what a keyword is about.
        run(f"create text search dictionary public.igny8_{stemmer} (template = snowball, language = {stemmer})")
        run(f"create text search configuration public.igny8_{stemmer} (copy = pg_catalog.simple)")
        run(
            f"alter text search configuration public.igny8_{stemmer} "
            f"alter mapping for {WORDS} with public.igny8_{stemmer}"
        )
    run(FUNCTIONS)
    run("alter table keyword add words tsvector generated always as (keyword_words(key, language)) stored")


def downgrade() -> None:
    run("alter table keyword drop column words")
    run("drop function word_queries(text)")
    run("drop function keyword_words(text, text)")
    run("drop function word_language(text)")
    for stemmer in STEMMERS:
        run(f"drop text search configuration public.igny8_{stemmer}")
        run(f"drop text search dictionary public.igny8_{stemmer}")


def run(sql: str) -> None:
    """As it stands: colons and percent signs in SQL are no bind parameters here."""
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
