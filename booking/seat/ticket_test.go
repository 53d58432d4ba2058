package seat

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"
)

func ticketKey(seed byte) (ed25519.PrivateKey, func(KID) ed25519.PublicKey) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	pub := key.Public().(ed25519.PublicKey)
	return key, func(k KID) ed25519.PublicKey {
		if k == KID(seed) {
			return pub
		}
		return nil
	}
}

func someTicket() Ticket {
	return Ticket{
		KID: 1, Tenant: [16]byte{1}, Trip: [16]byte{2}, Booking: [16]byte{3}, Ride: Interval{2, 79}, Party: 4,
		Issued: t0, Expires: t0.Add(6 * time.Hour),
	}
}

func TestTicketSurvivesItsQRCode(t *testing.T) {
	t.Parallel()
	key, keys := ticketKey(1)
	want := someTicket()
	token, err := want.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	if len(token) > 200 || len(token) != TicketLen {
		t.Fatalf("%d bytes", len(token))
	}
	if got, err := Verify(token, keys, t0); err != nil || got != want {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := Verify(token, keys, want.Expires); !errors.Is(err, refuse(TicketExpired)) {
		t.Fatalf("at its end: %v", err)
	}
}

// TestTicketForged: no byte can change, no other key counts, no second spelling exists.
func TestTicketForged(t *testing.T) {
	t.Parallel()
	key, keys := ticketKey(1)
	other, _ := ticketKey(2)
	token, err := someTicket().Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	for i := range token {
		for _, c := range []byte("A_-9=\n") {
			if token[i] == c {
				continue
			}
			forged := token[:i] + string(c) + token[i+1:]
			if got, err := Verify(forged, keys, t0); !errors.Is(err, refuse(TicketInvalid)) {
				t.Fatalf("character %d as %q reads as %+v, %v", i, c, got, err)
			}
		}
	}
	// A stranger's key under our key's number.
	stranger, err := someTicket().Sign(other)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "x", token[:len(token)-1], token + "A", stranger} {
		if _, err := Verify(bad, keys, t0); !errors.Is(err, refuse(TicketInvalid)) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	// The same key over the bare body, without the context, is no ticket.
	raw, _ := ticketEncoding.DecodeString(token)
	copy(raw[ticketBody:], ed25519.Sign(key, raw[:ticketBody]))
	if _, err := Verify(ticketEncoding.EncodeToString(raw), keys, t0); !errors.Is(err, refuse(TicketInvalid)) {
		t.Errorf("a signature made for something else passes: %v", err)
	}
}

func TestTicketSignsOnlyRides(t *testing.T) {
	t.Parallel()
	key, _ := ticketKey(1)
	for name, spoil := range map[string]func(*Ticket){
		"no number":    func(x *Ticket) { x.KID = 0 },
		"no party":     func(x *Ticket) { x.Party = 0 },
		"large party":  func(x *Ticket) { x.Party = MaxParty + 1 },
		"no ride":      func(x *Ticket) { x.Ride = Interval{3, 3} },
		"below zero":   func(x *Ticket) { x.Ride.From = -1 },
		"long pattern": func(x *Ticket) { x.Ride.To = 1 << 16 },
		"no end":       func(x *Ticket) { x.Expires = time.Time{} },
		"far end":      func(x *Ticket) { x.Expires = time.Unix(1<<32, 0) },
	} {
		bad := someTicket()
		spoil(&bad)
		if token, err := bad.Sign(key); err == nil {
			t.Errorf("%s: signed %q", name, token)
		}
	}
	if _, err := someTicket().Sign(nil); err == nil {
		t.Error("signed without a key")
	}
}

// FuzzTicket: whatever a scanner reads, Verify neither panics nor accepts anything but the very tokens that were signed.
func FuzzTicket(f *testing.F) {
	key, keys := ticketKey(1)
	good, err := someTicket().Sign(key)
	if err != nil {
		f.Fatal(err)
	}
	raw, _ := ticketEncoding.DecodeString(good)
	f.Add(good, raw)
	f.Add("", []byte{1})
	f.Add(good[:len(good)-1]+"B", raw[:ticketBody])
	f.Fuzz(func(t *testing.T, token string, body []byte) {
		if got, err := Verify(token, keys, t0); err == nil {
			again, err := got.Sign(key)
			if err != nil || again != token {
				t.Fatalf("accepted %q, which is not the token %q of its content (%v)", token, again, err)
			}
		}
		// Any body with a true signature: it may only read as a ticket if it is one byte for byte.
		if len(body) >= ticketBody {
			body = append([]byte{}, body[:ticketBody]...)
			body[1] = raw[1]
			signedToken := ticketEncoding.EncodeToString(append(body, ed25519.Sign(key, signed(body))...))
			if got, err := Verify(signedToken, keys, t0); err == nil {
				if again, err := got.Sign(key); err != nil || again != signedToken {
					t.Fatalf("%x reads as %+v, which signs to something else (%v)", body, got, err)
				}
			}
		}
	})
}
