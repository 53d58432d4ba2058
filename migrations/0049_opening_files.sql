-- +goose Up
-- +goose StatementBegin
-- Opening balances come in any number of files. What an account began with is its journal's key, once; a file is a row here, once.
set lock_timeout = '3s';

alter table opening_import drop constraint opening_import_pkey, add primary key (tenant_id, body_hash); -- a handful of rows
-- +goose StatementEnd

-- +goose Down
select 1;
