-- Working days that the district has replaced, as disclosure tells of them; the other years are those of the house.
create table monitoring.work_calendars (
  district     integer not null,
  year         integer not null,
  source       text    not null,
  holidays     date[]  not null,
  make_up_days date[]  not null,
  primary key (district, year)
);
select protect('monitoring.work_calendars');
