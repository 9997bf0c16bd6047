-- In whose place an operation was started (授权代办); empty for acting as oneself.
alter table operations add column on_behalf_of text not null default '';
