// Package bench loads a running server from outside and says what came of it: the machinery of `waymeet bench fanout`.
//
// Load is a generator, a process of its own so that its files and its processor time are told apart from the server's. It
// is told what to do by lines of JSON (Order) and answers each with one (Answer). Everything happens in one epoll loop on
// one thread with raw sockets: Go's network poller would wake a goroutine for each of a million messages a second, and the
// generator shares two cores with what it measures.
//
// Publishing is open loop: when each publish is due was settled before the first, and the moment it was due is inside the
// payload. A server that falls behind is not waited for, and what it makes a publish wait is part of the latency. Every
// subscriber checks the sequence of its channel, so what is lost, repeated or out of order is counted, not guessed.
//
// Floor is what the server is compared with: one thread, for each publish one frame that is built once and one write(2)
// for each subscriber. Its frame is the payload alone, without the envelope that a subscriber of ours needs to tell
// channels apart. It asks nobody for permission, keeps no set, serves no slow client and has no Redis: a limit, no server.
//
// Both speak enough of the protocol for one generator. Loopback only: neither is for any other network. Linux only.
package bench
