package mediatest

import (
	"slices"
	"testing"

	"github.com/waymeet/waymeet/session/media"
)

func sends(t *testing.T, r Rig) {
	s := r.session(t)
	s.everybody()
	for _, m := range s.party {
		e := s.admit(t, m)
		if !slices.Equal(e.Sends, m.Role.Sends(false)) {
			t.Errorf("%s is told to send %v", m.Role, e.Sends)
		}
		voice := s.seat(m)
		voice.VoiceOnly = true
		if e := must[media.Entry](t)(r.Provider.Admit(t.Context(), voice)); !slices.Equal(e.Sends, m.Role.Sends(true)) {
			t.Errorf("%s is told to send %v, of voices", m.Role, e.Sends)
		}
		if r.Sends == nil {
			continue
		}
		s.join(t, m)
		if got := r.Sends(t, s.room, m.Participant); !slices.Equal(got, m.Role.Sends(false)) {
			t.Errorf("%s may send %v", m.Role, got)
		}
	}
}

// everybody is one more of each role that the provider plays.
func (s *session) everybody() {
	s.with(media.Expert)
	if s.Provider.Profile().Can(media.Listen) {
		s.with(media.Observer)
	}
	if s.Provider.Profile().Can(media.Whisper) {
		s.with(media.Whisperer)
	}
}

func hears(t *testing.T, r Rig) {
	if r.Hears == nil {
		t.Skip("no server of anybody's enforces it")
	}
	s := r.session(t)
	s.everybody()
	for _, m := range s.party {
		s.join(t, m)
	}
	s.check(t)
}

// check compares what the server enforces with what is agreed.
func (s *session) check(t *testing.T) {
	t.Helper()
	for _, l := range s.party {
		for _, sp := range s.party {
			if l == sp {
				continue
			}
			if got, want := s.Hears(t, s.room, l.Participant, sp.Participant), l.Role.Hears(sp.Role); got != want && len(sp.Role.Sends(false)) > 0 {
				t.Errorf("%s hears %s: %v", l.Role, sp.Role, got)
			}
			if got := s.Sees(t, s.room, l.Participant, sp.Participant); got && !sp.Role.Shown() {
				t.Errorf("%s learns of the %s", l.Role, sp.Role)
			}
		}
	}
}

// A supervisor listens, whispers, barges in, and listens again; a second expert comes in between.
func changesRole(t *testing.T, r Rig) {
	r.can(t, media.Observe, media.Whisper)
	s := r.session(t)
	boss := s.with(media.Observer)
	for _, m := range s.party {
		s.join(t, m)
	}
	s.check(t)
	for _, role := range []media.Role{media.Whisperer, media.Expert, media.Observer, media.Whisperer} {
		s.party[2].Role = role
		s.ok(t, r.Provider.Arrange(t.Context(), media.Arrangement{Room: s.room, Party: s.party}))
		s.join(t, s.party[2]) // the page gets a new entry, and does as it says
		s.check(t)
		if got := r.Sends(t, s.room, boss.Participant); !slices.Equal(got, role.Sends(false)) {
			t.Errorf("as a %s they may send %v", role, got)
		}
		if role == media.Expert {
			second := s.with(media.Expert)
			s.ok(t, r.Provider.Arrange(t.Context(), media.Arrangement{Room: s.room, Party: s.party}))
			s.join(t, second)
			s.check(t)
		}
	}
}
