// Package wire is the realtime protocol as bytes: WebSocket frames, requests and
// pushes, canonical JSON and RFC 7396 merge patches. It does no I/O and asks no
// clock, so everything a node says on a socket can be tested as a pure function.
//
// Two forms of JSON meet here. What a client sends is foreign: it is scanned
// strictly (UTF-8, depth, duplicate members) before anything else looks at it.
// What the server stores, compares and sends is canonical: RFC 8785 with one
// deviation, integers keep all their digits, because PostgreSQL does. A canonical
// document is compared by its bytes, and its members come in order, so a diff is
// one walk over two byte slices without reflection and almost without allocation.
//
// Merge patches are not closed under composition: "delete x" followed by "set
// x.a" means "replace x by {a}", which RFC 7396 cannot say without reviving the
// old members of x. Compose therefore tells when the result has no patch, and the
// whole document goes instead.
package wire
