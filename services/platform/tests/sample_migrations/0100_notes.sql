create table sample.notes (
  district integer not null,
  id       text    not null,
  title    text    not null,
  version  bigint  not null,
  primary key (district, id)
);
select sample.protect('sample.notes');
