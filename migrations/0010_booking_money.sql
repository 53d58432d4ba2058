-- +goose Up
-- +goose StatementBegin
-- Seats are paid: what a booking and its payments have to do with each other.
set lock_timeout = '3s';

alter table payment validate constraint payment_subject_kind;
alter table payment_operation validate constraint payment_operation_kind;

-- refunding: what we asked the gateway to give back, less what it refused; it is set aside in the books when it is asked for.
-- refunded_elsewhere: what was given back beyond that, on the gateway's own pages.
alter table payment add column refunding bigint not null default 0;
alter table payment add column refunded_elsewhere bigint not null default 0;
alter table payment add constraint payment_refunds_sane
  check (refunding >= 0 and refunded_elsewhere >= 0 and refunding + refunded_elsewhere <= captured) not valid;

-- lint:allow index: no released version has written operations, so the table is empty
-- cause: for what an operation was asked; one cause asks once.
alter table payment_operation add column cause text not null default '';
create unique index payment_operation_cause on payment_operation (tenant_id, payment_id, op, cause) where cause <> '' and state <> 'refused';

-- How a seat is paid. The rider's share is the fare less the subsidy.
alter table booking drop constraint booking_pay_check;
alter table booking add constraint booking_pay_kind check (pay in ('cash', 'card', 'wallet', 'pass', 'programme')) not valid;
alter table booking add column payment_id uuid;    -- the latest, open or not
alter table booking add column pass_id uuid;
alter table booking add column programme_id uuid;
alter table booking add column subsidy_amount bigint not null default 0;
alter table booking add constraint booking_subsidy_sane check (subsidy_amount between 0 and fare_amount and (subsidy_amount > 0) <= (programme_id is not null)) not valid;

insert into job_kind values
  ('bill_ride', 'puts a ride that an employer pays for on its next invoice'),
  ('refund_payment', 'asks a gateway to give back what a booking''s end owes its payer'),
  ('settle_booking', 'confirms the seat that a payment was made for, or gives the money back');
-- +goose StatementEnd

-- +goose Down
select 1;
