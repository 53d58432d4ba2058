// Package devstack starts the PostgreSQL and the Redis that `waymeet dev`, the
// benches and the tests run on: real servers, private to one process.
//
//	              StartPostgres / StartRedis
//	                        │
//	find the binaries ── choose a directory ── lock it ── (initdb once)
//	                        │
//	           start, tethered to this process
//	                        │
//	     ready: it answers ──────── it ended first: error with its last words
//	                        │
//	      Stop: ask, then insist     kill -9 of this process: the kernel stops it
//
// Who owns which truth: a directory belongs to whoever holds the flock on its
// file `lock`; the kernel gives the lock back however the holder ends, so a
// directory without a holder is free to be taken over (named directories) or
// swept away (throwaway ones). The servers' passwords are made here, are random,
// and leave only through SuperURL and URL.
//
// What happens on failure: a server that does not come up is stopped and its
// last log lines are in the error. A process of an earlier run that is still
// shutting down in the same directory is waited for, then stopped. A stale
// postmaster.pid (the machine went away) is recognised by what the named process
// is doing, not by its number alone. Nothing here listens beyond 127.0.0.1.
//
// PostgreSQL refuses to run as root, so root's servers run as an unprivileged
// user; where that user cannot reach the directory or the binaries (a checkout
// under /root), both are kept below /var/lib/waymeet instead, and it is logged.
//
// A throwaway PostgreSQL without fsync keeps its data in memory (/dev/shm) where
// there is room: nothing of it is to outlive the run, and making a database for
// each test costs a quarter of what it costs on a disk.
//
// Goroutines: one for each server, from Start to the end of Stop; it is locked to
// its thread because Linux ties the death signal to the thread that forked.
package devstack
