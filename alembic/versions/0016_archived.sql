-- The number that a site goes by among advisory locks: who archives it waits for those who are about to write there.
create function site_turn(p_site uuid) returns bigint language sql immutable as $$
  select hashtextextended('site ' || p_site::text, 0)
$$;

-- What a transaction begins with that is to do something about rows, {"table": [id, …]}: refused when one of them is of
-- an archived site, and none is archived before it has ended. With the rights of who calls it: what one may not see is
-- not looked at.
create function refuse_archived(p_named jsonb) returns void language plpgsql as $$
declare
  named record;
  belongs text;
  found uuid[];
  sites uuid[] := '{}';
  closed uuid[];
  one uuid;
begin
  for named in select * from jsonb_each(p_named) loop
    belongs := case named.key when 'site' then 'id' else 'site_id' end;
    execute format('select array_agg(distinct t.%1$I) from %2$I t where t.id = any ($1) and t.%1$I is not null',
                   belongs, named.key)
       into found using array(select e::uuid from jsonb_array_elements_text(named.value) e);
    sites := sites || coalesce(found, '{}');
  end loop;
  perform pg_advisory_xact_lock_shared(turn)
     from (select distinct site_turn(s) as turn from unnest(sites) s order by turn) turns;
  closed := array(select s.id from site s where s.id = any (sites) and s.status = 'ARCHIVED');
  if closed = '{}' then
    return;
  end if;
  for named in select * from jsonb_each(p_named) loop
    belongs := case named.key when 'site' then 'id' else 'site_id' end;
    execute format('select t.id from %I t where t.id = any ($1) and t.%I = any ($2) limit 1', named.key, belongs)
       into one using array(select e::uuid from jsonb_array_elements_text(named.value) e), closed;
    if one is not null then
      raise exception 'the site is archived' using errcode = 'IG409', detail = one::text;
    end if;
  end loop;
end $$;

-- What is archived counts for nothing while it is.
create or replace function usage_of(p_key text) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  owner uuid := nullif(current_setting('igny8.account', true), '')::uuid;
  month timestamptz := date_trunc('month', now(), 'UTC');
  archived uuid[] := array(select id from site where account_id = owner and status = 'ARCHIVED');
begin
  return case p_key
    when 'USERS' then (select count(*) from app_user where account_id = owner and is_active)
                    + (select count(*) from invitation where account_id = owner and accepted_at is null
                          and revoked_at is null and expires_at > now())
    when 'SITES' then (select count(*) from site where account_id = owner and status <> 'ARCHIVED')
    when 'KEYWORDS' then (select count(*) from keyword where account_id = owner and site_id <> all (archived))
    when 'CLUSTERS' then (select count(*) from cluster where account_id = owner and site_id <> all (archived))
    when 'CONTENT_IDEAS' then (select count(*) from content_idea
                                where account_id = owner and site_id <> all (archived))
                            + (select coalesce(sum((j.params ->> 'count')::int), 0) from job_item i
                                 join job j on j.id = i.job_id
                                where i.account_id = owner and i.status in ('QUEUED', 'RUNNING', 'WAITING')
                                  and j.kind = 'GENERATE_IDEAS')
    -- What open items will use counts as used; a credit is a hundred words.
    when 'AI_REQUESTS' then (select count(*) from ai_call where account_id = owner and created_at >= month)
                          + (select count(*) from job_item where account_id = owner and queue = 'text'
                                and status in ('QUEUED', 'WAITING'))
    when 'WORDS' then (select coalesce(sum((details ->> 'words')::bigint), 0) from credit_usage_log
                        where account_id = owner and created_at >= month and operation_type = 'GENERATE_CONTENT')
                    + (select coalesce(sum(i.credits_estimate), 0) * 100 from job_item i join job j on j.id = i.job_id
                        where i.account_id = owner and i.status in ('QUEUED', 'RUNNING', 'WAITING')
                          and j.kind = 'GENERATE_CONTENT')
    when 'IMAGES' then (select count(*) from credit_usage_log where account_id = owner and created_at >= month
                           and operation_type in ('GENERATE_IMAGES', 'TEST_IMAGE'))
                     + (select count(*) from job_item where account_id = owner and queue = 'images'
                           and status in ('QUEUED', 'RUNNING', 'WAITING'))
    when 'CREDITS' then (select coalesce(sum(credits_used), 0) from credit_usage_log
                          where account_id = owner and created_at >= month)
  end;
end $$;

revoke execute on function site_turn(uuid), refuse_archived(jsonb) from public;
grant execute on function site_turn(uuid), refuse_archived(jsonb) to igny8_api, igny8_worker;
