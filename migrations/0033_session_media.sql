-- +goose Up
-- +goose StatementBegin
-- A conversation keeps what carries its media: the provider that it began with, and whether its parties are hidden from each other.
set lock_timeout = '3s';

insert into job_kind values ('session_media', 'ends the media of a conversation that is over');

alter table session add column relay_only boolean not null default false; -- the parties' browsers never learn each other's addresses

-- It uses session_keeps' words: who began hidden stays hidden, whatever the tenant chooses meanwhile.
create trigger keeps_media before update on session for each row
  when ((old.provider, old.relay_only) is distinct from (new.provider, new.relay_only)) execute function session_keeps();
-- +goose StatementEnd

-- +goose Down
select 1;
