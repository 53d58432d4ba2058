-- +goose Up
-- +goose StatementBegin
set lock_timeout = '3s';

-- How often a running balance has changed: whoever it belongs to is told of each change (me, docs/realtime.md), and of which.
-- ledger_apply counts, in the update that it makes of the balance anyway.
alter table account add column version bigint not null default 1 check (version > 0);

-- As in 0006, and counts.
create or replace function ledger_apply() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $f$
declare
  flaw text;
  pends boolean;
  resolves bigint;
  released bigint;
begin
  -- Each journal is looked at as a whole: its entries come in one statement, so nothing can be added to it once it was found good.
  select string_agg(distinct x.flaw, '; '), bool_or(x.phase = 'pending'), count(*) filter (where x.phase in ('post', 'void'))
  into flaw, pends, resolves
  from (
    select j.phase, case
      when j.id is null then 'entries without a journal'
      when j.xid <> pg_current_xact_id() or j.at < transaction_timestamp() or j.at > clock_timestamp() then 'entries of a journal of another time'
      when g.at_first <> j.at or g.at_last <> j.at then 'entries of another time than their journal'
      when g.n <> (select count(*) from entry e where e.tenant_id = g.tenant_id and e.journal_id = g.journal_id) then 'entries added to a journal'
      when g.n < 2 then 'a journal of one entry'
      when not g.balanced then 'entries that do not balance'
      when not case j.phase when 'posted' then g.posts = g.n when 'pending' then g.holds = g.n when 'void' then g.releases = g.n
        else g.holds = 0 and g.posts > 0 and g.releases > 0 end then 'entries on a layer that a ' || j.phase || ' journal does not have'
      end as flaw
    from (
      select s.tenant_id, s.journal_id, sum(s.n) as n, bool_and(s.dr = s.cr) as balanced, min(s.at_first) as at_first, max(s.at_last) as at_last,
        coalesce(sum(s.n) filter (where s.layer = 'P'), 0) as posts, coalesce(sum(s.n) filter (where s.layer = 'H' and s.sign = 1), 0) as holds,
        coalesce(sum(s.n) filter (where s.layer = 'H' and s.sign = -1), 0) as releases
      from (
        select a.tenant_id, a.journal_id, a.layer, a.sign, a.currency, count(*) as n, sum(a.dr) as dr, sum(a.cr) as cr,
          min(a.at) as at_first, max(a.at) as at_last
        from added a group by 1, 2, 3, 4, 5) s
      group by 1, 2) g
    left join lateral (select k.* from journal k where k.tenant_id = g.tenant_id and k.id = g.journal_id limit 1) j on true) x;
  if flaw is not null then
    raise exception 'ledger: %', flaw using errcode = '23514';
  end if;

  if exists (
    select from (select distinct a.tenant_id, a.account_id, a.currency from added a) s
    left join lateral (select c.currency from account c where c.tenant_id = s.tenant_id and c.id = s.account_id limit 1) c on true
    where c.currency is distinct from s.currency) then
    raise exception 'ledger: an account that does not exist or is kept in another currency' using errcode = '23503';
  end if;

  -- Running balances, locked in the order of the accounts' ids: two batches never wait for each other.
  perform from account c
  where c.running and (c.tenant_id, c.id) in (select a.tenant_id, a.account_id from added a)
  order by c.tenant_id, c.id for no key update;
  update account c set posted = c.posted + s.posted, held_dr = c.held_dr + s.held_dr, held_cr = c.held_cr + s.held_cr, entries = c.entries + s.n, version = c.version + 1
  from (
    select a.tenant_id, a.account_id, count(*) as n,
      coalesce(sum(a.dr - a.cr) filter (where a.layer = 'P'), 0) as posted,
      coalesce(sum(a.sign * a.dr) filter (where a.layer = 'H'), 0) as held_dr,
      coalesce(sum(a.sign * a.cr) filter (where a.layer = 'H'), 0) as held_cr
    from added a group by 1, 2) s
  where c.tenant_id = s.tenant_id and c.id = s.account_id and c.running;

  if pends then
    insert into open_hold (tenant_id, journal_id, expires_at)
    select j.tenant_id, j.id, j.expires_at
    from (select distinct a.tenant_id, a.journal_id from added a) s
    join journal j on j.tenant_id = s.tenant_id and j.id = s.journal_id
    where j.phase = 'pending';
  end if;

  if resolves > 0 then
    -- A hold is released as it was made, account by account.
    if exists (
      select from (select distinct a.tenant_id, a.journal_id from added a) s
      join journal j on j.tenant_id = s.tenant_id and j.id = s.journal_id and j.resolves is not null
      where exists (
        (select e.account_id, e.currency, e.dr, e.cr from entry e where e.tenant_id = j.tenant_id and e.journal_id = j.resolves
          except all select e.account_id, e.currency, e.dr, e.cr from entry e where e.tenant_id = j.tenant_id and e.journal_id = j.id and e.layer = 'H')
        union all
        (select e.account_id, e.currency, e.dr, e.cr from entry e where e.tenant_id = j.tenant_id and e.journal_id = j.id and e.layer = 'H'
          except all select e.account_id, e.currency, e.dr, e.cr from entry e where e.tenant_id = j.tenant_id and e.journal_id = j.resolves))) then
      raise exception 'ledger: a release that is not the mirror of its hold' using errcode = '23514';
    end if;
    -- What was held of an account bounds what it is posted for, on either side.
    if exists (
      select from (select distinct a.tenant_id, a.journal_id from added a) s
      join journal j on j.tenant_id = s.tenant_id and j.id = s.journal_id and j.phase = 'post'
      join entry e on e.tenant_id = j.tenant_id and e.journal_id = j.id
      group by j.tenant_id, j.id, e.account_id
      having bool_or(e.layer = 'H') and
        (sum(e.dr) filter (where e.layer = 'P') > coalesce(sum(e.dr) filter (where e.layer = 'H'), 0)
          or sum(e.cr) filter (where e.layer = 'P') > coalesce(sum(e.cr) filter (where e.layer = 'H'), 0))) then
      raise exception 'ledger: posted more than was held' using errcode = '23514';
    end if;
    -- The hold is open, and its time is not over if it is posted.
    delete from open_hold h
    using (select distinct a.tenant_id, a.journal_id from added a) s
    join journal j on j.tenant_id = s.tenant_id and j.id = s.journal_id and j.resolves is not null
    where h.tenant_id = j.tenant_id and h.journal_id = j.resolves and (j.phase = 'void' or h.expires_at > j.at);
    get diagnostics released = row_count;
    if released <> resolves then
      raise exception 'ledger: a hold that is not open' using errcode = '23514';
    end if;
  end if;
  return null;
end $f$;
revoke all on function ledger_apply() from public;
-- +goose StatementEnd

-- +goose Down
select 1;
