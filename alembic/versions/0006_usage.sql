-- Whoever asks, what counts is the account's: an editor sees some of its sites only.
create or replace function usage_of(p_key text) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  owner uuid := nullif(current_setting('igny8.account', true), '')::uuid;
  month timestamptz := date_trunc('month', now(), 'UTC');
begin
  return case p_key
    when 'USERS' then (select count(*) from app_user where account_id = owner and is_active)
    when 'SITES' then (select count(*) from site where account_id = owner and status <> 'ARCHIVED')
    when 'KEYWORDS' then (select count(*) from keyword where account_id = owner)
    when 'CLUSTERS' then (select count(*) from cluster where account_id = owner)
    when 'CONTENT_IDEAS' then (select count(*) from content_idea where account_id = owner)
    when 'AI_REQUESTS' then (select count(*) from ai_call where account_id = owner and created_at >= month)
    when 'WORDS' then (select coalesce(sum((details ->> 'words')::bigint), 0) from credit_usage_log
                        where account_id = owner and created_at >= month and operation_type = 'GENERATE_CONTENT')
    when 'IMAGES' then (select count(*) from credit_usage_log
                         where account_id = owner and created_at >= month and operation_type = 'GENERATE_IMAGES')
    when 'CREDITS' then (select coalesce(sum(credits_used), 0) from credit_usage_log
                          where account_id = owner and created_at >= month)
  end;
end $$;
