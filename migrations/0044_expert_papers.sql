-- +goose Up
-- +goose StatementBegin
-- What proves that an expert may practise is handed in with its bytes, and decided on with a reason; so is a suspension.
set lock_timeout = '3s';

alter table expert add column suspended_why text not null default '';
alter table expert_document add column name text not null default '';      -- of its file, which file names by its hash
alter table expert_document add column media_type text not null default ''; -- as its bytes say
alter table expert_document add column size bigint not null default 0;
alter table expert_document add column why text not null default '';       -- it was refused
-- +goose StatementEnd

-- +goose Down
select 1;
