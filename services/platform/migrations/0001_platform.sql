-- What every service's schema holds besides its own tables. Runs with search_path set to the schema.

-- Puts a table under the tenant rules: forced row-level security for the service's role, whose session must have set
-- its district; the role that reads across districts (sealer, city lists) sees all. A session that has set nothing
-- fails, which is wanted.
create function protect(subject regclass) returns void language plpgsql as $$
declare
  service name := (select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = subject);
begin
  execute format('alter table %s enable row level security', subject);
  execute format('alter table %s force row level security', subject);
  execute format('create policy tenant on %s to %I using (district = current_setting(''app.district'')::integer)',
    subject, 'wenxiao_' || service);
  execute format('create policy across on %s to %I using (true)', subject, 'wenxiao_' || service || '_across');
  execute format('grant select, insert, update, delete on %s to %I', subject, 'wenxiao_' || service);
  execute format('grant select on %s to %I', subject, 'wenxiao_' || service || '_across');
end $$;

-- Changes that have committed and wait for their number. Written in the change's own transaction, after the row that
-- it changes is locked: so ids rise within an object, and no writer waits for another writer's object.
create table journal_queue (
  district        integer     not null,
  id              bigint      not null generated always as identity,
  occur_time      timestamptz not null,
  type            text        not null,
  subject         text        not null,
  subject_version bigint      not null,
  actor           text        not null,
  actor_roles     text        not null,
  on_behalf_of    text        not null,
  method          text        not null,
  request_id      text        not null,
  trace_parent    text        not null,
  rule_set        text        not null,
  reason          text        not null,
  resource_type   text        not null,
  before          bytea,
  after           bytea,
  primary key (district, id)
);
select protect('journal_queue');

-- The journal (审计与事件): each change once, numbered without gaps and chained by hash per district. It is event feed
-- and audit trail in one, so that the two cannot disagree. Append-only: nobody holds UPDATE or DELETE on it.
create table journal (
  district        integer     not null,
  sequence        bigint      not null check (sequence > 0),
  occur_time      timestamptz not null,
  type            text        not null,
  subject         text        not null,
  subject_version bigint      not null,
  actor           text        not null,
  actor_roles     text        not null,
  on_behalf_of    text        not null,
  method          text        not null,
  request_id      text        not null,
  trace_parent    text        not null,
  rule_set        text        not null,
  reason          text        not null,
  resource_type   text        not null,
  before          bytea,
  after           bytea,
  previous_hash   bytea       not null,
  hash            bytea       not null,
  primary key (district, sequence)
);
create index journal_subject on journal (district, subject, sequence);
select protect('journal');

-- How far each district's journal has come.
create table journal_heads (
  district integer primary key,
  sequence bigint  not null,
  hash     bytea   not null
);
select protect('journal_heads');

-- Answers to mutating calls by the caller's own request id, kept in the mutation's transaction: there is no
-- "in progress". The facts of the permit are kept, so that a replay is authorised anew.
create table idempotency (
  district    integer     not null,
  subject     text        not null,
  request_id  text        not null,
  fingerprint bytea       not null,
  facts       jsonb       not null,
  answer      bytea       not null,
  create_time timestamptz not null,
  primary key (district, subject, request_id)
);
create index idempotency_age on idempotency (district, create_time);
select protect('idempotency');

-- How far this service has read another service's feed; moves in the transaction of what it made of the events.
create table feed_cursors (
  district integer not null,
  feed     text    not null,
  sequence bigint  not null,
  primary key (district, feed)
);
select protect('feed_cursors');

do $$
declare
  service name := current_schema();
begin
  execute format('revoke update, delete on journal from %I', 'wenxiao_' || service);
  execute format('grant usage on schema %I to %I, %I', service, 'wenxiao_' || service, 'wenxiao_' || service || '_across');
  execute format('grant insert, select on journal to %I', 'wenxiao_' || service || '_across');
  execute format('grant select, delete on journal_queue to %I', 'wenxiao_' || service || '_across');
  execute format('grant select, insert, update on journal_heads to %I', 'wenxiao_' || service || '_across');
  -- A server asks with its own role whether the schema is current; only migrations need the owner.
  if to_regclass('_sqlx_migrations') is not null then
    execute format('grant select on _sqlx_migrations to %I', 'wenxiao_' || service);
  end if;
  execute format('grant usage, select on all sequences in schema %I to %I', service, 'wenxiao_' || service);
end $$;
