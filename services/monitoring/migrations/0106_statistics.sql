-- What statistics of the year group by: account and last month of the stage, out of the report itself.
alter table monitoring.reports
  add column account text generated always as (body->'traits'->>'account') stored,
  add column end_month smallint generated always as ((body->>'end_month')::smallint) stored;
create index reports_statistics on monitoring.reports (district, fiscal_year, department_id, account, end_month, light)
  where state = 'accepted';
