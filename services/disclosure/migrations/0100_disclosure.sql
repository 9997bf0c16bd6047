-- What this service owns: decisions, publications with their frozen documents, notices, cases, working days.

create table disclosure.decisions (
  district        integer     not null,
  id              text        not null,
  subject         text        not null,
  document_kind   text        not null check (document_kind in ('objective_table', 'key_evaluation_result',
                    'key_evaluation_report', 'self_evaluation_result', 'ex_ante_result', 'annual_summary')),
  title           text        not null,
  -- Exactly one: how far it may go, or why it is withheld.
  widest_audience text,
  withhold_ground text,
  reason          text        not null,
  legal_basis     text        not null,
  public_amount   jsonb,
  unit            text        not null,
  evaluated_year  integer     not null,
  secrecy         text        check (secrecy in ('none', 'internal', 'classified')),
  proposer        text        not null,
  approver        text,
  approve_time    timestamptz,
  return_opinion  text        not null,
  state           text        not null check (state in ('draft', 'submitted', 'returned', 'approved', 'superseded')),
  version         bigint      not null check (version > 0),
  create_time     timestamptz not null,
  update_time     timestamptz not null,
  primary key (district, id),
  check ((widest_audience is null) <> (withhold_ground is null)),
  check ((approver is null) = (approve_time is null)),
  check (state not in ('approved', 'superseded') or (approver is not null and approver <> proposer))
);
select disclosure.protect('disclosure.decisions');
-- One decision in force per document.
create unique index decisions_in_force on disclosure.decisions (district, subject, document_kind) where state = 'approved';
create index decisions_newest on disclosure.decisions (district, create_time desc, id desc);
create index decisions_of_subject on disclosure.decisions (district, subject, create_time desc, id desc);

create table disclosure.publications (
  district         integer     not null,
  id               text        not null,
  kind             text        not null,
  title            text        not null,
  audiences        text[]      not null check (cardinality(audiences) > 0),
  decisions        text[]      not null,
  work_year        integer     not null,
  evaluated_year   integer     not null,
  basis_date       date,
  state            text        not null check (state in ('draft', 'published', 'withdrawn')),
  publisher        text,
  publish_time     timestamptz,
  publish_date     date,
  content_hash     text,
  document_count   integer,
  withdraw_reason  text,
  withdraw_note    text,
  withdrawer       text,
  withdraw_time    timestamptz,
  deliveries       jsonb       not null,
  version          bigint      not null check (version > 0),
  create_time      timestamptz not null,
  update_time      timestamptz not null,
  primary key (district, id),
  check ((state = 'draft') = (publish_time is null)),
  check (num_nulls(publisher, publish_time, publish_date, content_hash, document_count) in (0, 5)),
  check ((state = 'withdrawn') = (withdraw_time is not null)),
  check (num_nulls(withdraw_reason, withdraw_note, withdrawer, withdraw_time) in (0, 4))
);
select disclosure.protect('disclosure.publications');
create index publications_newest on disclosure.publications (district, create_time desc, id desc);
create index publications_of_year on disclosure.publications (district, work_year, kind) where state <> 'draft';

-- Frozen copies. Nobody holds UPDATE or DELETE on them.
create table disclosure.documents (
  district       integer     not null,
  publication    text        not null,
  id             text        not null,
  ordinal        integer     not null check (ordinal > 0),
  subject        text        not null,
  kind           text        not null,
  title          text        not null,
  unit_title     text        not null,
  evaluated_year integer     not null,
  sections       jsonb       not null,
  figures        jsonb       not null,
  content_hash   text        not null check (content_hash ~ '^[0-9a-f]{64}$'),
  is_public      boolean     not null,
  publish_time   timestamptz not null,
  primary key (district, publication, id),
  unique (district, publication, ordinal),
  foreign key (district, publication) references disclosure.publications (district, id)
);
select disclosure.protect('disclosure.documents');
revoke update, delete on disclosure.documents from wenxiao_disclosure;
create index documents_public on disclosure.documents (district, publish_time desc, publication desc, id desc)
  where is_public;

create table disclosure.notices (
  district         integer     not null,
  id               text        not null,
  subject          text        not null,
  unit             text        not null,
  -- Last part of the unit's name: lists are narrowed by its beginning.
  unit_code        text        not null,
  title            text        not null,
  document_number  text        not null,
  findings         text[]      not null,
  suggestions      text[]      not null,
  answer_due       date,
  basis_date       date,
  evaluated_year   integer     not null,
  score            numeric(16, 6),
  grade            text        check (grade in ('excellent', 'good', 'fair', 'poor')),
  state            text        not null check (state in ('draft', 'issued', 'acknowledged', 'answered', 'closed')),
  issuer           text,
  issue_time       timestamptz,
  acknowledger     text,
  acknowledge_time timestamptz,
  answers          jsonb       not null,
  version          bigint      not null check (version > 0),
  create_time      timestamptz not null,
  update_time      timestamptz not null,
  primary key (district, id),
  check ((state = 'draft') = (issue_time is null)),
  check ((issuer is null) = (issue_time is null)),
  check ((acknowledger is null) = (acknowledge_time is null))
);
select disclosure.protect('disclosure.notices');
create index notices_newest on disclosure.notices (district, create_time desc, id desc);
create index notices_of_unit on disclosure.notices (district, unit_code text_pattern_ops, create_time desc, id desc);

create table disclosure.summary_cases (
  district    integer     not null,
  work_year   integer     not null,
  id          text        not null,
  subject     text        not null,
  ordinal     integer     not null check (ordinal > 0),
  measures    jsonb       not null,
  version     bigint      not null check (version > 0),
  create_time timestamptz not null,
  update_time timestamptz not null,
  primary key (district, work_year, id)
);
select disclosure.protect('disclosure.summary_cases');
create index summary_cases_order on disclosure.summary_cases (district, work_year, ordinal, id);

create table disclosure.work_calendars (
  district     integer     not null,
  year         integer     not null check (year between 1990 and 2100),
  source       text        not null,
  holidays     date[]      not null,
  make_up_days date[]      not null,
  version      bigint      not null check (version > 0),
  update_time  timestamptz not null,
  primary key (district, year)
);
select disclosure.protect('disclosure.work_calendars');
