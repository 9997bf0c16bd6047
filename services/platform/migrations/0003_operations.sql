-- Long-running operations (长时任务): what was asked, how far it has come, who works on it now. A worker holds one by a
-- lease that it renews; what it does commits together with the cursor, so whoever takes over goes on where that stood.
create table operations (
  district         integer     not null,
  id               text        not null,
  kind             text        not null,
  starter          text        not null,
  starter_roles    text        not null,
  starter_unit     text        not null,
  method           text        not null,
  request_id       text        not null,
  trace_parent     text        not null,
  request          bytea       not null,
  cursor           bytea       not null,
  metadata_type    text        not null,
  metadata         bytea       not null,
  response_type    text        not null,
  response         bytea,
  error            bytea,
  done             boolean     not null,
  cancel_requested boolean     not null,
  lease_owner      text        not null,
  lease_until      timestamptz not null,
  failures         integer     not null check (failures >= 0),
  create_time      timestamptz not null,
  update_time      timestamptz not null,
  end_time         timestamptz,
  version          bigint      not null check (version > 0),
  primary key (district, id),
  check (done = (end_time is not null)),
  check (done = (response is not null or error is not null))
);
-- Ids begin with the service and rise with time: the primary key serves lists. Few are open at a time.
create index operations_open on operations (district, lease_until) where not done;
create index operations_starter on operations (district, starter, id);
create index operations_age on operations (district, end_time) where done;
select protect('operations');
