-- +goose NO TRANSACTION
-- The log is read by transaction and, within one, by row: an index on the transaction alone has all rows of a large one sorted again for
-- each page of them. Changes of access are looked for by themselves, twice a second on each node, from as long ago as the oldest
-- transaction that runs: a handful among as many rows as were written since.
-- lint:allow index: a partitioned table's own index is only the name under which those of its slots, made concurrently, stand together
-- +goose Up
create index concurrently if not exists outbox_0_tail on outbox_0 (xid, n);
create index concurrently if not exists outbox_0_access on outbox_0 (xid) where entity ^@ 'access/';
create index concurrently if not exists outbox_1_tail on outbox_1 (xid, n);
create index concurrently if not exists outbox_1_access on outbox_1 (xid) where entity ^@ 'access/';
create index concurrently if not exists outbox_2_tail on outbox_2 (xid, n);
create index concurrently if not exists outbox_2_access on outbox_2 (xid) where entity ^@ 'access/';
create index concurrently if not exists outbox_3_tail on outbox_3 (xid, n);
create index concurrently if not exists outbox_3_access on outbox_3 (xid) where entity ^@ 'access/';
create index concurrently if not exists outbox_4_tail on outbox_4 (xid, n);
create index concurrently if not exists outbox_4_access on outbox_4 (xid) where entity ^@ 'access/';
create index concurrently if not exists outbox_5_tail on outbox_5 (xid, n);
create index concurrently if not exists outbox_5_access on outbox_5 (xid) where entity ^@ 'access/';
create index concurrently if not exists outbox_6_tail on outbox_6 (xid, n);
create index concurrently if not exists outbox_6_access on outbox_6 (xid) where entity ^@ 'access/';
create index concurrently if not exists outbox_7_tail on outbox_7 (xid, n);
create index concurrently if not exists outbox_7_access on outbox_7 (xid) where entity ^@ 'access/';
create index if not exists outbox_tail on only outbox (xid, n);
create index if not exists outbox_access on only outbox (xid) where entity ^@ 'access/';
alter index outbox_tail attach partition outbox_0_tail;
alter index outbox_access attach partition outbox_0_access;
alter index outbox_tail attach partition outbox_1_tail;
alter index outbox_access attach partition outbox_1_access;
alter index outbox_tail attach partition outbox_2_tail;
alter index outbox_access attach partition outbox_2_access;
alter index outbox_tail attach partition outbox_3_tail;
alter index outbox_access attach partition outbox_3_access;
alter index outbox_tail attach partition outbox_4_tail;
alter index outbox_access attach partition outbox_4_access;
alter index outbox_tail attach partition outbox_5_tail;
alter index outbox_access attach partition outbox_5_access;
alter index outbox_tail attach partition outbox_6_tail;
alter index outbox_access attach partition outbox_6_access;
alter index outbox_tail attach partition outbox_7_tail;
alter index outbox_access attach partition outbox_7_access;
set lock_timeout = '3s';
drop index if exists outbox_xid;
reset lock_timeout;

-- +goose Down
select 1;
