-- Keywords by words in any of their forms, each keyword in its own language. No index: under row-level security only a
-- function beyond it could use one, and a GIN index halves the rows that an import writes a second. What is kept with
-- the row makes a search of 100,000 keywords as quick as counting them.

-- Of each language whose words PostgreSQL can stem, without stop words: `how to` is what a keyword is about.
do $$
declare
  stemmer text;
begin
  foreach stemmer in array array[
    'english', 'arabic', 'catalan', 'danish', 'german', 'greek', 'spanish', 'estonian', 'basque', 'finnish', 'french',
    'irish', 'hindi', 'hungarian', 'armenian', 'indonesian', 'italian', 'lithuanian', 'norwegian', 'nepali', 'dutch',
    'portuguese', 'romanian', 'russian', 'serbian', 'swedish', 'tamil', 'turkish', 'yiddish']
  loop
    execute format('create text search dictionary public.igny8_%1$s (template = snowball, language = %1$s)', stemmer);
    execute format('create text search configuration public.igny8_%s (copy = pg_catalog.simple)', stemmer);
    execute format('alter text search configuration public.igny8_%1$s alter mapping for asciiword, word, asciihword, '
                   'hword, hword_asciipart, hword_part with public.igny8_%1$s', stemmer);
  end loop;
end $$;

-- The place of a language among the configurations below, by BCP 47's primary subtag: English first, and for all that
-- have none.
create function word_language(language text) returns integer language sql immutable parallel safe
return case when language is null or language like 'en%' then 1 else case split_part(language, '-', 1)
  when 'en' then 1   when 'ar' then 2   when 'ca' then 3   when 'da' then 4   when 'de' then 5   when 'el' then 6
  when 'es' then 7   when 'et' then 8   when 'eu' then 9   when 'fi' then 10  when 'fr' then 11  when 'ga' then 12
  when 'hi' then 13  when 'hu' then 14  when 'hy' then 15  when 'id' then 16  when 'it' then 17  when 'lt' then 18
  when 'nb' then 19  when 'ne' then 20  when 'nl' then 21  when 'nn' then 19  when 'no' then 19  when 'pt' then 22
  when 'ro' then 23  when 'ru' then 24  when 'sr' then 25  when 'sv' then 26  when 'ta' then 27  when 'tr' then 28
  when 'yi' then 29
  else 1 end end;
grant execute on function word_language to igny8_api, igny8_worker;

create function keyword_words(key text, language text) returns tsvector language sql immutable parallel safe
return to_tsvector((array[
    'public.igny8_english', 'public.igny8_arabic', 'public.igny8_catalan', 'public.igny8_danish',
    'public.igny8_german', 'public.igny8_greek', 'public.igny8_spanish', 'public.igny8_estonian',
    'public.igny8_basque', 'public.igny8_finnish', 'public.igny8_french', 'public.igny8_irish', 'public.igny8_hindi',
    'public.igny8_hungarian', 'public.igny8_armenian', 'public.igny8_indonesian', 'public.igny8_italian',
    'public.igny8_lithuanian', 'public.igny8_norwegian', 'public.igny8_nepali', 'public.igny8_dutch',
    'public.igny8_portuguese', 'public.igny8_romanian', 'public.igny8_russian', 'public.igny8_serbian',
    'public.igny8_swedish', 'public.igny8_tamil', 'public.igny8_turkish', 'public.igny8_yiddish'
  ]::regconfig[])[word_language(language)], key);
grant execute on function keyword_words to igny8_api, igny8_worker;

-- What is searched for, in each language: a web search's quotes, `or` and `-`. No words at all are in every keyword,
-- as every keyword is without a word that has spaces.
create function word_queries(search text) returns tsquery[] language sql immutable parallel safe
return (select array_agg(case when numnode(q) = 0 then $$!'no such word'$$::tsquery else q end order by n)
          from unnest(array[
    'public.igny8_english', 'public.igny8_arabic', 'public.igny8_catalan', 'public.igny8_danish',
    'public.igny8_german', 'public.igny8_greek', 'public.igny8_spanish', 'public.igny8_estonian',
    'public.igny8_basque', 'public.igny8_finnish', 'public.igny8_french', 'public.igny8_irish', 'public.igny8_hindi',
    'public.igny8_hungarian', 'public.igny8_armenian', 'public.igny8_indonesian', 'public.igny8_italian',
    'public.igny8_lithuanian', 'public.igny8_norwegian', 'public.igny8_nepali', 'public.igny8_dutch',
    'public.igny8_portuguese', 'public.igny8_romanian', 'public.igny8_russian', 'public.igny8_serbian',
    'public.igny8_swedish', 'public.igny8_tamil', 'public.igny8_turkish', 'public.igny8_yiddish'
  ]::regconfig[]) with ordinality s(c, n), websearch_to_tsquery(c, search) q);
grant execute on function word_queries to igny8_api, igny8_worker;
