// Package rest is the frame that the HTTP API's resources are mounted in.
//
//	Route (the table in web/routes.go)   what exists, at which address, under which policy action
//	Handle (web/api/*.go)                binds a handler to a route: huma reads, checks and documents its types
//	door                                 who is it, may they, is the key there: before the handler
//	body                                 the JSON as it must be: UTF-8, no key twice, not too long
//	Problem                              every failure, in one shape, in the caller's language
//
// huma gives the OpenAPI document, decoding and validation. Six things about it are put right here and nowhere else: it
// echoes rejected values, points with dots instead of RFC 6901, has no codes, takes invalid UTF-8 and duplicate keys,
// matches keys without regard to case, and lets the router's own 404 and 405 pass as plain text.
//
// A handler that serves one thing must have asked policy.Can for the route's action; an answer without it is withheld
// and the request fails, so a forgotten check shows in the first test instead of leaking.
package rest
