// Package faults holds the test that the live layer must survive: real `waymeet serve`
// processes, a PostgreSQL and a Redis of its own, a crowd of real clients, and faults.
//
//	      plan (drawn from a seed) ─▶ lanes of faults, side by side
//	                                    │ kill, stop, end, restart, slow, reset, hold, overflow
//	                                    ▼
//	writers ─▶ nodes ×3 ─ link ─▶ PostgreSQL           truth ─┐
//	   │         │  └──── link ─▶ Redis                       ├─▶ equal, byte for byte
//	   └─ store  └──────▶ crowd: steady, restless, slow, ─────┘
//	                      lossy, asleep (a process of its own)
//
// A run is one seed. Writers stop while the last faults still hold, so that what was lost
// last is not mended by a later change. Then the faults end, and within five seconds every
// channel of every client must be what PostgreSQL holds. Then the outbox is hidden from the
// tails and every trip changes once more: that must come by the bus, so a node that forgot
// to listen to something after a fault shows. All along, no version may repeat or go
// back, and no patch may fail to fit but where this test itself took a frame away.
//
// Who owns what: the world owns the servers and their links, a lane owns what it breaks and
// mends it again, the crowd owns its clients. Nothing of the product knows that it is tested;
// planted bugs are patches, applied to a copy of the tree (testdata/planted, make test-planted).
//
// `make test-faults` runs five seeds, SEEDS=200 more, SEED=17 that one again.
package faults
