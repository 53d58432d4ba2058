package mediatest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/waymeet/waymeet/session/media"
)

func notOffered(t *testing.T, r Rig) {
	s, p := r.session(t), r.Provider.Profile()
	if p.Kind == "" || p.Party < 2 {
		t.Fatalf("%+v", p)
	}
	for c, err := range map[media.Capability]func() error{
		media.Eject:    func() error { return r.Provider.Eject(t.Context(), s.room, s.party[0].Participant) },
		media.Presence: func() error { _, err := r.Provider.Present(t.Context(), s.room); return err },
		media.Record:   func() error { return r.Provider.Record(t.Context(), s.room, true) },
		media.Webhooks: func() error { _, err := r.Provider.ReadWebhook(media.Delivery{At: time.Now()}); return err },
		media.Listen:   func() error { return s.tries(t, media.Observer) },
		media.Whisper:  func() error { return s.tries(t, media.Whisperer) },
	} {
		if p.Can(c) {
			continue
		}
		if e := is[*media.NotSupported](t, err()); e.Kind != p.Kind || e.Capability != c {
			t.Errorf("%s: %+v", c, e)
		}
	}
}

// tries admits somebody of a role, in a party of their own.
func (s *session) tries(t *testing.T, role media.Role) error {
	other := &session{Rig: s.Rig, room: s.room, party: append([]media.Member(nil), s.party...)}
	m := other.with(role)
	_, err := s.Provider.Admit(t.Context(), other.seat(m))
	if arranged := s.Provider.Arrange(t.Context(), media.Arrangement{Room: s.room, Party: other.party}); (arranged == nil) != (err == nil) {
		t.Errorf("%s is admitted: %v, arranged: %v", role, err, arranged)
	}
	return err
}

func repeats(t *testing.T, r Rig) {
	s, ctx := r.session(t), t.Context()
	order := media.RoomOrder{Name: s.room, Until: time.Now().Add(time.Hour)}
	for range 2 {
		s.ok(t, r.Provider.Open(ctx, order))
		s.admit(t, s.party[0])
		s.ok(t, r.Provider.Arrange(ctx, media.Arrangement{Room: s.room, Party: s.party}))
	}
	if r.Provider.Profile().Can(media.Eject) {
		for range 2 {
			s.ok(t, r.Provider.Eject(ctx, s.room, s.party[0].Participant))
		}
	}
	for range 2 {
		s.ok(t, r.Provider.Close(ctx, s.room))
	}
	s.ok(t, r.Provider.Close(ctx, "never-opened"))
	if r.Provider.Profile().Can(media.Presence) {
		if there := s.present(t); len(there) != 0 {
			t.Fatal("in a closed room:", there)
		}
	}
}

func badOrders(t *testing.T, r Rig) {
	s, ctx, p := r.session(t), t.Context(), r.Provider
	later := time.Now().Add(time.Hour)
	refused := func(what string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s was taken", what)
			return
		}
		_ = is[*media.Refused](t, err)
	}
	for _, name := range []string{"", "a/b", "../x", "a b", "ä", "-a", strings.Repeat("a", 101), "a\nb", "a?b", "a%2fb"} {
		refused("a room called "+name, p.Open(ctx, media.RoomOrder{Name: name, Until: later}))
		refused("closing "+name, p.Close(ctx, name))
		seat := s.seat(s.party[0])
		seat.Room = name
		_, err := p.Admit(ctx, seat)
		refused("a seat in "+name, err)
		refused("arranging "+name, p.Arrange(ctx, media.Arrangement{Room: name, Party: s.party}))
		if p.Profile().Can(media.Eject) {
			refused("ejecting from "+name, p.Eject(ctx, name, "client-1"))
			refused("ejecting "+name, p.Eject(ctx, s.room, name))
		}
		if p.Profile().Can(media.Presence) {
			_, err := p.Present(ctx, name)
			refused("who is in "+name, err)
		}
	}
	refused("a room of the past", p.Open(ctx, media.RoomOrder{Name: "x", Until: time.Now().Add(-time.Second)}))
	refused("a crowd", p.Open(ctx, media.RoomOrder{Name: "x", Until: later, Party: p.Profile().Party + 1}))
	for what, change := range map[string]func(*media.Seat){
		"a seat whose time is over": func(s *media.Seat) { s.Until = time.Now().Add(-time.Second) },
		"a long name":               func(s *media.Seat) { s.Name = strings.Repeat("x", 101) },
		"a name that is no text":    func(s *media.Seat) { s.Name = "\xff" },
		"a role that does not exist": func(s *media.Seat) {
			s.Role = "owner"
			s.Party = []media.Member{{Participant: s.Participant, Role: "owner"}}
		},
		"another role than agreed":  func(s *media.Seat) { s.Role = media.Expert },
		"somebody not of the party": func(s *media.Seat) { s.Participant = "stranger" },
		"an id with a slash":        func(s *media.Seat) { s.Participant = "a/b" },
		"an id too long":            func(s *media.Seat) { s.Participant = strings.Repeat("a", 37) },
		"somebody twice":            func(s *media.Seat) { s.Party = append(s.Party, s.Party[0]) },
		"a crowded party": func(s *media.Seat) {
			for i := range p.Profile().Party {
				s.Party = append(s.Party, media.Member{Participant: fmt.Sprintf("more-%d", i), Role: media.Expert})
			}
		},
	} {
		seat := s.seat(s.party[0])
		seat.Party = append([]media.Member(nil), s.party...)
		change(&seat)
		_, err := p.Admit(ctx, seat)
		refused(what, err)
	}
}

func comesAndGoes(t *testing.T, r Rig) {
	r.can(t, media.Presence)
	s := r.session(t)
	if there := s.present(t); len(there) != 0 {
		t.Fatal("before anybody came:", there)
	}
	for _, m := range s.party {
		s.join(t, m)
	}
	if there := s.present(t); len(there) != 2 || !there[s.party[0].Participant] || !there[s.party[1].Participant] {
		t.Fatal(there)
	}
	r.Leave(t, s.room, s.party[0].Participant)
	if there := s.present(t); len(there) != 1 || !there[s.party[1].Participant] {
		t.Fatal(there)
	}
}

func entryEnds(t *testing.T, r Rig) {
	s := r.session(t)
	e := s.admit(t, s.party[0])
	if !e.Until.After(time.Now()) || e.Until.After(time.Now().Add(10*time.Minute)) || e.Provider != r.Provider.Profile().Kind {
		t.Fatalf("%+v", e)
	}
	seat := s.seat(s.party[0])
	seat.Until = time.Now().Add(20 * time.Second)
	if e := must[media.Entry](t)(r.Provider.Admit(t.Context(), seat)); e.Until.After(seat.Until) {
		t.Fatal("an entry outlives its seat:", e.Until)
	}
	if r.Reuse == nil {
		return
	}
	if err := r.Reuse(t, s.seat(s.party[0]), e, false); err != nil {
		t.Fatal("the same page comes again:", err)
	}
	if err := r.Reuse(t, s.seat(s.party[0]), e, true); err == nil {
		t.Fatal("an old entry lets in")
	}
}

func ejected(t *testing.T, r Rig) {
	r.can(t, media.Eject, media.Presence)
	s := r.session(t)
	for _, m := range s.party {
		s.join(t, m)
	}
	s.ok(t, r.Provider.Eject(t.Context(), s.room, s.party[0].Participant))
	if there := s.present(t); there[s.party[0].Participant] || !there[s.party[1].Participant] {
		t.Fatal(there)
	}
	s.ok(t, r.Provider.Eject(t.Context(), s.room, "who-was-never-there"))
}

func records(t *testing.T, r Rig) {
	r.can(t, media.Record)
	s := r.session(t)
	s.join(t, s.party[0])
	for _, on := range []bool{true, true, false, false} {
		s.ok(t, r.Provider.Record(t.Context(), s.room, on))
		if r.Recording(t, s.room) != on {
			t.Fatal("recording is not", on)
		}
	}
}
