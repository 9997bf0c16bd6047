-- Forms on their way in (表格导入): the file as it was sent, and what was read of it, until the operation has ended.

-- The file in parts of about a mebibyte. `start` is the place of the part's first byte in the file.
create table targets.import_chunks (
  district     integer     not null,
  operation_id text        not null,
  start        bigint      not null check (start >= 0),
  content      bytea       not null,
  create_time  timestamptz not null,
  primary key (district, operation_id, start)
);
-- A file is packed already: to compress it again costs time and saves nothing.
alter table targets.import_chunks alter column content set storage external;
create index import_chunks_age on targets.import_chunks (district, create_time);
select targets.protect('targets.import_chunks');

-- Forms that were read and checked and wait to be written, in the order of the file.
create table targets.import_forms (
  district     integer not null,
  operation_id text    not null,
  number       integer not null check (number > 0),
  file_name    text    not null,
  sheet        text    not null,
  subject_kind text    not null,
  subject_id   text    not null,
  facts        jsonb   not null,
  form         jsonb   not null,
  primary key (district, operation_id, number),
  -- A file has one form for a subject.
  constraint import_subject unique (district, operation_id, subject_kind, subject_id)
);
select targets.protect('targets.import_forms');
