package seat

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"
)

// Ticket is what a QR code says, in words that a phone can check alone. It names nobody.
//
// Its token is base64url without padding, 170 characters, of
//
//	offset  bytes  what
//	     0      1  version, 1
//	     1      1  kid: the number of the tenant's key, 1 to 255
//	     2     16  tenant
//	    18     16  trip
//	    34     16  booking
//	    50      2  stop index where the ride begins
//	    52      2  stop index where it ends
//	    54      1  party
//	    55      4  issued, seconds of the Unix epoch
//	    59      4  expires, likewise
//	    63     64  Ed25519 signature over "waymeet ticket 1\x00" and the 63 bytes before it
//
// all numbers big-endian. Any other length, version or trailing bit is no ticket, so that one ticket has one token.
type Ticket struct {
	KID                   KID
	Tenant, Trip, Booking [16]byte
	Ride                  Interval
	Party                 int
	Issued, Expires       time.Time
}

const (
	ticketVersion = 1
	ticketBody    = 63
	ticketSize    = ticketBody + ed25519.SignatureSize
)

// TicketLen is the length of every token.
var TicketLen = base64.RawURLEncoding.EncodedLen(ticketSize)

// ticketContext keeps a ticket's signature from meaning anything else that the same key might ever sign.
var ticketContext = []byte("waymeet ticket 1\x00")

var ticketEncoding = base64.RawURLEncoding.Strict()

// KID numbers a tenant's ticket keys, from 1 on; drivers' phones hold the public halves by it.
type KID uint8

// Sign makes the token.
func (t Ticket) Sign(key ed25519.PrivateKey) (string, error) {
	switch {
	case len(key) != ed25519.PrivateKeySize:
		return "", errors.New("seat: sign a ticket without a key")
	case t.KID == 0:
		return "", errors.New("seat: sign a ticket with a key that has no number")
	case t.Party < 1 || t.Party > MaxParty, t.Ride.From < 0, t.Ride.From >= t.Ride.To, t.Ride.To > 1<<16-1:
		return "", errors.New("seat: sign a ticket for no ride")
	case !fits(t.Issued), !fits(t.Expires):
		return "", errors.New("seat: sign a ticket outside the epoch")
	}
	b := make([]byte, 0, ticketSize)
	b = append(b, ticketVersion, byte(t.KID))
	b = append(b, t.Tenant[:]...)
	b = append(b, t.Trip[:]...)
	b = append(b, t.Booking[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(t.Ride.From))
	b = binary.BigEndian.AppendUint16(b, uint16(t.Ride.To))
	b = append(b, byte(t.Party))
	b = binary.BigEndian.AppendUint32(b, uint32(t.Issued.Unix()))
	b = binary.BigEndian.AppendUint32(b, uint32(t.Expires.Unix()))
	b = append(b, ed25519.Sign(key, signed(b))...)
	return ticketEncoding.EncodeToString(b), nil
}

// Verify checks a token with the public keys at hand, as a phone does without a network, and reads it. keys answers nil
// for a key that is unknown or was withdrawn. Everything that is wrong with a token is TicketInvalid, except its age.
func Verify(token string, keys func(KID) ed25519.PublicKey, now time.Time) (Ticket, error) {
	if len(token) != TicketLen {
		return Ticket{}, refuse(TicketInvalid)
	}
	b, err := ticketEncoding.DecodeString(token)
	if err != nil || len(b) != ticketSize || b[0] != ticketVersion {
		return Ticket{}, refuse(TicketInvalid)
	}
	pub := keys(KID(b[1]))
	if len(pub) != ed25519.PublicKeySize || !ed25519.Verify(pub, signed(b[:ticketBody]), b[ticketBody:]) {
		return Ticket{}, refuse(TicketInvalid)
	}
	t := Ticket{
		KID:     KID(b[1]),
		Tenant:  [16]byte(b[2:18]),
		Trip:    [16]byte(b[18:34]),
		Booking: [16]byte(b[34:50]),
		Ride:    Interval{From: int(binary.BigEndian.Uint16(b[50:])), To: int(binary.BigEndian.Uint16(b[52:]))},
		Party:   int(b[54]),
		Issued:  time.Unix(int64(binary.BigEndian.Uint32(b[55:])), 0).UTC(),
		Expires: time.Unix(int64(binary.BigEndian.Uint32(b[59:])), 0).UTC(),
	}
	if t.KID == 0 || t.Party < 1 || t.Party > MaxParty || t.Ride.From >= t.Ride.To || !fits(t.Issued) || !fits(t.Expires) {
		return Ticket{}, refuse(TicketInvalid)
	}
	if !now.Before(t.Expires) {
		return t, refuse(TicketExpired)
	}
	return t, nil
}

func signed(body []byte) []byte {
	return append(ticketContext[:len(ticketContext):len(ticketContext)], body...)
}

func fits(t time.Time) bool { return t.Unix() > 0 && t.Unix() <= 1<<32-1 }
