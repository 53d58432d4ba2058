-- +goose Up
-- +goose StatementBegin
-- A refund that a gateway took and the payer's bank sent back: what was given back stays counted, and what of it came back is counted
-- beside it, so that both only grow.
set lock_timeout = '3s';

alter table payment add column returned bigint not null default 0;
alter table payment drop constraint payment_check2; -- refunded between 0 and captured
alter table payment drop constraint payment_refunds_sane;
alter table payment add constraint payment_refunds_fit
  check (returned between 0 and refunded and refunded - returned <= captured
    and refunding >= 0 and refunded_elsewhere >= 0 and refunding + refunded_elsewhere - returned <= captured) not valid;
-- +goose StatementEnd

-- +goose Down
select 1;
