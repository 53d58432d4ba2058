package wire

// Subprotocol is the name and version of what is spoken; TicketPrefix starts the
// second subprotocol that carries a ticket.
const (
	Subprotocol  = "waymeet.v1"
	TicketPrefix = "ticket."
)

// CloseCode is why a socket was closed.
type CloseCode uint16

// Close codes of the protocol, after those of RFC 6455 that the server uses.
const (
	CloseGoingAway  CloseCode = 1001
	CloseProtocol   CloseCode = 1002 // broken WebSocket framing
	CloseBinary     CloseCode = 1003
	CloseNotUTF8    CloseCode = 1007
	CloseTooBig     CloseCode = 1009
	CloseInternal   CloseCode = 1011
	CloseDrain      CloseCode = 1012
	CloseBadRequest CloseCode = 4000 // broken requests, five in a minute
	CloseCredential CloseCode = 4001 // expired or revoked
	CloseForbidden  CloseCode = 4003
	CloseDead       CloseCode = 4008
	CloseReplaced   CloseCode = 4009
	CloseFlooding   CloseCode = 4029
)

// Codes of an err or of a closed subscription that this layer gives itself; others
// come from the operation that was called.
const (
	CodeBadRequest  = "bad_request"
	CodeForbidden   = "forbidden"
	CodeInternal    = "internal"
	CodeNotFound    = "not_found"
	CodeRateLimited = "rate_limited"
	CodeTooMany     = "too_many"
	CodeUnavailable = "unavailable"
	CodeCredential  = "unauthenticated"
)
