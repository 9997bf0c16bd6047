-- An outturn changes with each payment of its project and no indexed column does: with room on its page a new version
-- of a row costs its index nothing.
alter table disclosure.outturns set (fillfactor = 70);
