-- Roles that somebody lets a colleague act in for a while (授权代办).
create table delegations (
  district    integer     not null references districts,
  id          text        collate "C" not null,
  version     bigint      not null check (version > 0),
  body        jsonb       not null,
  create_time timestamptz not null,
  update_time timestamptz not null,
  delegator   text        not null generated always as (body->>'delegator') stored,
  deputy      text        not null generated always as (body->>'deputy') stored,
  primary key (district, id)
);
create index delegation_delegator on delegations (district, delegator, id);
create index delegation_deputy on delegations (district, deputy, id);
select protect('registry.delegations');
