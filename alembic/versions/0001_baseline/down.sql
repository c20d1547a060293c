-- All of it away again: first what returns rows of tables, last what tables are made with.
drop view account_limit, site_event;
drop function
  accounts_due_credits, end_access, end_item, end_job, ended_sessions, enter, enter_address, enter_invited, enter_job,
  enter_new, enter_staff, enter_system, find_accounts, find_api_key, find_user, followed, forget_events,
  forget_files, known_blobs, known_markers, leave, open_session, publications_due, purge_archived, purge_expired, refuse_archived,
  revoke_api_keys, rotate_refresh_token, signed_in_from, site_events_since, site_turn, syncs_due, tell, usage_of, work_in_hand;
drop view signed_in;
drop function sees;

-- In one statement, since they refer to each other in circles.
drop table
  plan, account, app_user, invitation, user_session, api_key, refresh_token, idempotency_key,
  industry, industry_sector, site, sector, site_user_access,
  system_settings, author_profile, strategy, prompt_type, ai_prompt, integration_settings,
  cluster, keyword, content_idea,
  job_kind, job, job_item, ai_call,
  credit_balance, credit_hold, credit_transaction, credit_usage_log, stored_file,
  task, content, content_revision, image, taxonomy,
  integration, connection_check, remote_entity, publishing_calendar, publishing_slot,
  publication, publication_link, publishing_record, sync_run, sync_conflict,
  content_taxonomy_map, content_cluster_map, content_attribute_map,
  audit_event, event, event_kind,
  schedule;

drop function is_staff, give_calendars, keep_picture, count_cluster_keywords, count_cluster_ideas, add_to_clusters, tell_linking;
drop type cluster_delta;
drop function keyword_words, word_queries, word_language;
do $$
declare
  stemmer text;
begin
  for stemmer in select cfgname from pg_ts_config
                  where cfgnamespace = 'public'::regnamespace and cfgname like 'igny8\_%' loop
    execute format('drop text search configuration public.%I', stemmer);
    execute format('drop text search dictionary public.%I', stemmer);
  end loop;
end $$;
