-- What the money is for (项目与政策). Objects that are always read and written whole are kept as a document; what SQL
-- filters by is derived from it, so that the two cannot disagree.

create table local_project_types (
  district         integer     not null references districts,
  id               text        collate "C" not null,
  version          bigint      not null check (version > 0),
  body             jsonb       not null,
  create_time      timestamptz not null,
  update_time      timestamptz not null,
  title            text        not null generated always as (body->>'title') stored,
  first_setup_year integer     generated always as ((body->>'first_setup_year')::integer) stored,
  last_setup_year  integer     generated always as ((body->>'last_setup_year')::integer) stored,
  primary key (district, id)
);
create unique index local_project_types_title on local_project_types (district, title);
select protect('registry.local_project_types');

create table projects (
  district             integer     not null references districts,
  id                   text        collate "C" not null,
  project_code         text        check (project_code ~ '^[0-9]{8}[A-Z][0-9]{12}$'),
  title                text        not null,
  category             text        not null check (category in ('personnel', 'operating', 'office_operating', 'other_operating', 'specific_purpose')),
  local_project_type   text        collate "C",
  budget_account       text        not null check (budget_account in ('general_public', 'government_fund', 'state_capital', 'social_insurance_fund')),
  nature               text        check (nature in ('recurrent', 'one_off', 'phased')),
  competent_department text        collate "C" not null,
  implementing_unit    text        collate "C" not null,
  setup_year           integer     not null check (setup_year between 1990 and 2100),
  secrecy              text        check (secrecy in ('none', 'internal', 'classified')),
  end_date             date,
  details              jsonb       not null,
  version              bigint      not null check (version > 0),
  create_time          timestamptz not null,
  update_time          timestamptz not null,
  primary key (district, id),
  foreign key (district, local_project_type) references local_project_types,
  foreign key (district, competent_department) references units,
  foreign key (district, implementing_unit) references units
);
create unique index projects_code on projects (district, project_code);
create index projects_unit on projects (district, implementing_unit, id);
select protect('registry.projects');

create table policies (
  district       integer     not null references districts,
  id             text        collate "C" not null,
  version        bigint      not null check (version > 0),
  body           jsonb       not null,
  create_time    timestamptz not null,
  update_time    timestamptz not null,
  executing_unit text        collate "C" not null generated always as (body->>'executing_unit') stored,
  start_date     date        generated always as (iso_date(body->>'start_date')) stored,
  expiry_date    date        generated always as (iso_date(body->>'expiry_date')) stored,
  repeal_date    date        generated always as (iso_date(body->>'repeal_date')) stored,
  primary key (district, id),
  foreign key (district, executing_unit) references units
);
create index policies_expiry on policies (district, expiry_date, id);
select protect('registry.policies');
