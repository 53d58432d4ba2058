-- +goose Up
-- +goose StatementBegin
-- What an expert is doing is live on the boards of queues: a document with a version of its own, since much that moves expert.version is not shown.
set lock_timeout = '3s';

alter table expert add column shown bigint not null default 1; -- the document's version
-- How the expert could be reached when that was last shown: a lease runs out without a word, and the clockwork then says so.
alter table expert_presence add column shown text not null default 'gone' check (shown in ('connected', 'suspect', 'push', 'gone'));

create view expert_doc with (security_invoker = true) as
select e.tenant_id, e.id, json_build_object('id', e.id, 'name', u.name, 'practises', e.state = 'approved' and e.suspended_at is null, 'intent', e.intent, 'asked', e.asked_at is not null,
  'reach', coalesce(p.shown, 'gone'), 'slots', e.slots, 'rating', e.rating, 'price', e.price, 'currency', e.currency, 'version', e.shown,
  'skills', (select coalesce(json_object_agg(s.skill_id, s.level), '{}') from expert_skill s where s.tenant_id = e.tenant_id and s.expert_id = e.id)) as doc
from expert e join app_user u on u.tenant_id = e.tenant_id and u.id = e.id
left join expert_presence p on p.tenant_id = e.tenant_id and p.expert_id = e.id;
grant select on expert_doc to waymeet_app;

-- Another version of these experts' documents; of those who lapsed only where they can be reached otherwise than was shown, which one of two who ask finds.
create function show_experts(_t uuid, _experts uuid[], _lapsed boolean) returns setof json language plpgsql set search_path = pg_catalog, public, pg_temp as $f$
declare
  those uuid[];
begin
  perform from expert e where e.tenant_id = _t and e.id = any (_experts) order by e.id for no key update;
  those := array(select e.id from expert e left join expert_presence p on p.tenant_id = e.tenant_id and p.expert_id = e.id
    where e.tenant_id = _t and e.id = any (_experts) and (not _lapsed or p.shown <> reach_of(p.until, p.closed_at, p.push_until, clock_timestamp())));
  update expert_presence p set shown = reach_of(p.until, p.closed_at, p.push_until, clock_timestamp())
  where p.tenant_id = _t and p.expert_id = any (those) and p.shown <> reach_of(p.until, p.closed_at, p.push_until, clock_timestamp());
  update expert e set shown = e.shown + 1 where e.tenant_id = _t and e.id = any (those);
  return query select d.doc from expert_doc d where d.tenant_id = _t and d.id = any (those);
end $f$;
revoke all on function show_experts(uuid, uuid[], boolean) from public;
grant execute on function show_experts(uuid, uuid[], boolean) to waymeet_app;

-- Who waits, by name: a board is read by people.
create or replace view request_doc with (security_invoker = true) as
select r.tenant_id, r.id, json_build_object('id', r.id, 'queue', r.queue_id, 'client', r.client_id, 'modality', r.modality, 'languages', r.languages, 'ceiling', r.ceiling, 'currency', r.currency,
  'priority', r.priority, 'state', r.state, 'placed_at', r.placed_at, 'matched_at', r.matched_at, 'ended_at', r.ended_at, 'expert', r.expert_id, 'offer', r.offer_id, 'version', r.version,
  'expert_name', case when r.expert_id is not null then shown_name(r.tenant_id, r.expert_id, 'expert') end,
  'client_name', case when r.state = 'waiting' then (select u.name from app_user u where u.tenant_id = r.tenant_id and u.id = r.client_id) end,
  'about', coalesce((select a.about from request_about a where a.tenant_id = r.tenant_id and a.request_id = r.id), ''),
  'callback_at', r.callback_at, 'call_until', r.call_until, 'calls', r.calls,
  'rings', case when r.callback_at is null and r.state = 'waiting' then (select coalesce(json_object_agg(o.id, json_build_object('expert', o.expert_id, 'reach', o.reach, 'made_at', o.made_at, 'deadline', o.deadline)), '{}')
    from offer o where o.tenant_id = r.tenant_id and o.request_id = r.id and o.state = 'open') else '{}' end) as doc
from request r;
-- +goose StatementEnd

-- +goose Down
select 1;
