-- Totals change with each payment of their project and no indexed column does: with room on its page a new version of a
-- row costs its indexes nothing.
alter table monitoring.execution_totals set (fillfactor = 70);
