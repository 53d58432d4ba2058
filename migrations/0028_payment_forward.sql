-- +goose Up
-- +goose StatementBegin
-- A payment's row only goes forward, whoever writes it with the role that serves: what it is never changes, its totals only grow, each as far
-- as the books say, its status ends once, and what was asked of a gateway stays what was asked.
set lock_timeout = '3s';

-- What the service writes, column by column; the rest has its defaults and is never written again.
revoke insert, update on payment, payment_operation from waymeet_app;
grant insert (tenant_id, id, gateway_account_id, payer_id, subject, amount, currency, closes_at, method_id, keep),
  update (gateway_ref, status, authorised, captured, refunded, returned, disputed, lost, won, refunding, refunded_elsewhere, decline, outcome, version, updated_at)
  on payment to waymeet_app;
grant insert (tenant_id, payment_id, op, n, amount, why, cause), update (state, problem, gateway_ref, settled_at, tries) on payment_operation to waymeet_app;

-- What is asked to be given back falls by what was refused, and by nothing else.
create function payment_goes_on() returns trigger language plpgsql as $f$
declare
  asked bigint;
  -- One that was called off here may have been taken all the same: the gateway knows.
  onwards boolean := case old.status
    when 'open' then true
    when 'authorised' then new.status in ('paid', 'cancelled')
    when 'cancelled' then (new.status = 'paid' and new.captured > old.captured) or (new.status = 'authorised' and new.authorised > 0)
    else false end;
begin
  if new.version <> old.version + 1 then
    raise exception 'a payment is written once a version' using errcode = '23514', constraint = 'payment_goes_on';
  end if;
  if new.authorised < old.authorised or new.captured < old.captured or new.refunded < old.refunded or new.returned < old.returned
    or new.disputed < old.disputed or new.lost < old.lost or new.won < old.won or new.refunded_elsewhere < old.refunded_elsewhere then
    raise exception 'a total of a payment has fallen' using errcode = '23514', constraint = 'payment_goes_on';
  end if;
  if old.gateway_ref is not null and new.gateway_ref is null then
    raise exception 'a payment has forgotten its object' using errcode = '23514', constraint = 'payment_goes_on';
  end if;
  if new.status <> old.status and not onwards then
    raise exception 'a payment goes from % to %', old.status, new.status using errcode = '23514', constraint = 'payment_goes_on';
  end if;
  if new.refunding < old.refunding then
    select coalesce(sum(o.amount), 0) into asked from payment_operation o
      where o.tenant_id = new.tenant_id and o.payment_id = new.id and o.op = 'refund' and o.state <> 'refused';
    if new.refunding < asked then
      raise exception 'a refund that was asked for is not refused' using errcode = '23514', constraint = 'payment_goes_on';
    end if;
  end if;
  return new;
end $f$;

-- At COMMIT each total that has grown has the journal that brought it there.
create function payment_is_booked() returns trigger language plpgsql as $f$
declare
  missing text;
begin
  select t.kind into missing from (values
      ('captured', old.captured, new.captured), ('refunded', old.refunded, new.refunded), ('refund_returned', old.returned, new.returned),
      ('disputed', old.disputed, new.disputed), ('dispute_lost', old.lost, new.lost), ('dispute_won', old.won, new.won)) t(kind, was, now)
    where t.now > t.was and not exists (select 1 from journal j
      where j.tenant_id = new.tenant_id and j.key = 'payment:' || new.id || ':' || t.kind || ':' || t.now);
  if missing is not null then
    raise exception 'a payment says % and the books do not', missing using errcode = '23514', constraint = 'payment_is_booked';
  end if;
  return null;
end $f$;

create function operation_goes_on() returns trigger language plpgsql as $f$
begin
  if old.state <> 'waiting' then
    raise exception 'a gateway has answered: that stays' using errcode = '23514', constraint = 'operation_goes_on';
  end if;
  if new.tries < old.tries or (old.gateway_ref is not null and new.gateway_ref is distinct from old.gateway_ref) then
    raise exception 'what was asked of a gateway stays' using errcode = '23514', constraint = 'operation_goes_on';
  end if;
  return new;
end $f$;

-- Whoever owns the tables mends them by hand, and is not stopped.
create trigger goes_on before update on payment for each row when (current_user = 'waymeet_app') execute function payment_goes_on();
create constraint trigger is_booked after update on payment deferrable initially deferred for each row
  when (current_user = 'waymeet_app' and (old.captured, old.refunded, old.returned, old.disputed, old.lost, old.won)
    is distinct from (new.captured, new.refunded, new.returned, new.disputed, new.lost, new.won)) execute function payment_is_booked();
create trigger goes_on before update on payment_operation for each row when (current_user = 'waymeet_app') execute function operation_goes_on();
-- +goose StatementEnd

-- +goose Down
select 1;
