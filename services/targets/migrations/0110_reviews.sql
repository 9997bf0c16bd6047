-- Collective review (集中会审): sessions, what they were given, what they say.
create table targets.review_sessions (
  district       integer     not null,
  id             text        not null,
  title          text        not null,
  fiscal_year    integer     not null,
  work_year      integer     not null,
  institution_id text        not null,
  engagement_id  text        not null,
  state          text        not null check (state in ('open', 'closed')),
  start_date     date,
  due_date       date,
  rules          jsonb       not null,
  conclusion     text        not null,
  create_time    timestamptz not null,
  update_time    timestamptz not null,
  close_time     timestamptz,
  version        bigint      not null check (version > 0),
  primary key (district, id),
  check ((state = 'closed') = (close_time is not null))
);
create index session_year on targets.review_sessions (district, fiscal_year, id);
create index session_institution on targets.review_sessions (district, institution_id, id);
select targets.protect('targets.review_sessions');

-- One version of an objective in a session.
create table targets.review_assignments (
  district          integer     not null,
  session_id        text        not null,
  id                text        not null,
  objective_id      text        not null,
  objective_version integer     not null check (objective_version > 0),
  basis             text        not null check (basis in ('named', 'drawn')),
  create_time       timestamptz not null,
  primary key (district, session_id, id),
  constraint assignment_once unique (district, objective_id, objective_version, session_id),
  foreign key (district, session_id) references targets.review_sessions (district, id),
  foreign key (district, objective_id, objective_version)
    references targets.objective_versions (district, objective_id, number)
);
select targets.protect('targets.review_assignments');

-- Opinions on the four properties, never changed but for being superseded by the same reviewer's next one.
create table targets.review_opinions (
  district        integer       not null,
  session_id      text          not null,
  assignment_id   text          not null,
  id              text          not null,
  kind            text          not null check (kind in ('individual', 'reconciled')),
  content_hash    text          not null,
  items           jsonb         not null,
  problems        jsonb         not null,
  problem_items   text[]        not null,
  conclusion      text          not null,
  property_scores jsonb         not null,
  total_score     numeric(16,6) not null check (total_score >= 0),
  grade           text          not null,
  explanation     jsonb         not null,
  reviewer        text          not null,
  superseded      boolean       not null,
  create_time     timestamptz   not null,
  primary key (district, session_id, assignment_id, id),
  foreign key (district, session_id, assignment_id)
    references targets.review_assignments (district, session_id, id),
  check (cardinality(problem_items) = jsonb_array_length(problems))
);
create index opinion_order on targets.review_opinions (district, session_id, create_time, id);
-- One standing opinion per reviewer and kind.
create unique index opinion_standing on targets.review_opinions
  (district, session_id, assignment_id, reviewer, kind) where not superseded;
select targets.protect('targets.review_opinions');
