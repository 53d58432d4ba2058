-- +goose Up
-- +goose StatementBegin
-- Whoever is rung for a place beside another expert is told in which conversation: it is where their part will be, not under the offer's own id.
set lock_timeout = '3s';

create or replace view offer_doc with (security_invoker = true) as
select o.tenant_id, o.id, json_build_object('id', o.id, 'request', o.request_id, 'queue', o.queue_id, 'expert', o.expert_id, 'state', o.state, 'reach', o.reach,
  'minute', coalesce((o.score ->> 'minute')::bigint, 0), 'made_at', o.made_at, 'deadline', o.deadline, 'version', o.version,
  'modality', r.modality, 'languages', r.languages, 'currency', r.currency, 'beside', case when r.funding = 'second/' || r.id then r.follows end,
  'about', coalesce((select a.about from request_about a where a.tenant_id = o.tenant_id and a.request_id = o.request_id), ''),
  'needs', (select coalesce(json_object_agg(n.skill_id, n.level), '{}') from request_skill n where n.tenant_id = o.tenant_id and n.request_id = o.request_id)) as doc, o.request_id, o.made_at, o.answered_at, o.ended_at
from offer o join request r on r.tenant_id = o.tenant_id and r.id = o.request_id;
-- +goose StatementEnd

-- +goose Down
select 1;
