// Package web is the HTTP edge: every request enters here and every answer leaves here.
//
//	request -> named, headers, recovered, timed, paced -> /v1/realtime   the socket, given by cmd
//	                                                   -> /v1/...        routes.go, through web/rest to web/api
//	                                                   -> /docs          the API, readable
//	                                                   -> /healthz /readyz /metrics
//	                                                   -> the rest       the screens of web/ui
//
// It owns no truth. What fails below arrives as a fault and leaves as a problem; what panics is logged with its stack
// and leaves as "internal". A request that takes longer than its time is cut by its context, so nothing below waits for
// a client that has gone.
package web
