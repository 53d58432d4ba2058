package peer_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/internal/secret"
	"github.com/waymeet/waymeet/session/media"
	"github.com/waymeet/waymeet/session/media/mediatest"
	"github.com/waymeet/waymeet/session/media/peer"
)

func relays(participant string, _ time.Time) []media.Server {
	return []media.Server{{URLs: []string{"turn:127.0.0.1:3478?transport=udp"}, Username: "1:" + participant, Credential: secret.Hide("hush-hush")}}
}

func open(t *testing.T, c peer.Config, relayOnly bool) media.Provider {
	t.Helper()
	p, err := peer.New(c).Open(media.Credentials{Kind: media.Peer, RelayOnly: relayOnly})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for name, relayOnly := range map[string]bool{"direct": false, "relayed": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mediatest.Run(t, func(t *testing.T) mediatest.Rig {
				return mediatest.Rig{Provider: open(t, peer.Config{STUN: []string{"stun:127.0.0.1:3478"}, Relays: relays}, relayOnly), Secrets: []string{"hush-hush"}}
			})
		})
	}
}

// Of two ends exactly one is polite, each is linked with each, and nobody with themselves.
func TestLinks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9]{1,8}`), 2, 4, rapid.ID[string]).Draw(rt, "names")
		var party []media.Member
		for _, n := range names {
			party = append(party, media.Member{Participant: n, Role: rapid.SampledFrom([]media.Role{media.Client, media.Expert}).Draw(rt, "role")})
		}
		polite := map[[2]string]int{}
		for _, m := range party {
			e, err := open(t, peer.Config{Relays: relays}, false).Admit(t.Context(), media.Seat{
				Room: "r", Participant: m.Participant, Role: m.Role, Until: time.Now().Add(time.Hour), Party: party, Generation: 3})
			if err != nil || len(e.Links) != len(party)-1 || e.Generation != 3 {
				rt.Fatalf("%+v, %v", e, err)
			}
			for _, l := range e.Links {
				if l.With == m.Participant {
					rt.Fatal("linked with themselves")
				}
				if l.Polite {
					polite[pair(m.Participant, l.With)]++
				}
			}
		}
		for p, n := range polite {
			if n != 1 {
				rt.Fatalf("%v: %d are polite", p, n)
			}
		}
		if want := len(party) * (len(party) - 1) / 2; len(polite) != want {
			rt.Fatalf("%d of %d connections have a polite end", len(polite), want)
		}
	})
}

func pair(a, b string) [2]string {
	if a > b {
		a, b = b, a
	}
	return [2]string{a, b}
}

func TestRelayOnlyHasNoOtherWay(t *testing.T) {
	t.Parallel()
	seat := media.Seat{Room: "r", Participant: "c", Role: media.Client, Until: time.Now().Add(time.Hour),
		Party: []media.Member{{Participant: "c", Role: media.Client}, {Participant: "e", Role: media.Expert}}}
	c := peer.Config{STUN: []string{"stun:127.0.0.1:3478"}, Relays: relays}
	e, err := open(t, c, true).Admit(t.Context(), seat)
	if err != nil || !e.RelayOnly || len(e.Servers) != 1 || e.Servers[0].Username == "" {
		t.Fatalf("%+v, %v", e, err)
	}
	e, err = open(t, c, false).Admit(t.Context(), seat)
	if err != nil || e.RelayOnly || len(e.Servers) != 2 {
		t.Fatalf("%+v, %v", e, err)
	}
	c.Relays = nil
	if e, err := open(t, c, true).Admit(t.Context(), seat); err == nil {
		t.Fatalf("without TURN: %+v", e)
	}
}
