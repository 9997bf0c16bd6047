-- What waits in the queue is moved on within milliseconds: to compress it there would only cost time twice.
alter table journal_queue alter column before set storage external, alter column after set storage external;
