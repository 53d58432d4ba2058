package media

import (
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"
)

// What all providers take: Daily's participants have 36 characters at most, room names and ids stand in addresses.
var (
	roomName    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$`)
	participant = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,35}$`)
)

const longestName = 100 // characters

// CheckName says whether a room can be called so.
func CheckName(verb, name string) error {
	if !roomName.MatchString(name) {
		return &Refused{verb, "a room's name is letters, digits, dashes and underlines, 100 at most"}
	}
	return nil
}

// CheckParticipant says whether a participant can be called so.
func CheckParticipant(verb, id string) error {
	if !participant.MatchString(id) {
		return &Refused{verb, "a participant's id is letters, digits and dashes, 36 at most"}
	}
	return nil
}

// Check says what is wrong with an order, as far as it can be said without a provider.
func (o RoomOrder) Check(p Profile, now time.Time) error {
	if err := CheckName("open", o.Name); err != nil {
		return err
	}
	if !o.Until.After(now) {
		return &Refused{"open", "the room would have ended before it began"}
	}
	if o.Party < 0 || o.Party > p.Party {
		return &Refused{"open", fmt.Sprintf("%d people in a room of at most %d", o.Party, p.Party)}
	}
	return nil
}

// Check says what is wrong with a seat: a role that the provider cannot play, too.
func (s Seat) Check(p Profile, now time.Time) error {
	if err := CheckName("admit", s.Room); err != nil {
		return err
	}
	if err := CheckParticipant("admit", s.Participant); err != nil {
		return err
	}
	if !s.Until.After(now) {
		return &Refused{"admit", "the seat's time is over"}
	}
	if !utf8.ValidString(s.Name) || utf8.RuneCountInString(s.Name) > longestName {
		return &Refused{"admit", "the name to be shown is too long, or no text"}
	}
	if err := p.plays("admit", s.Party); err != nil {
		return err
	}
	for _, m := range s.Party {
		if m.Participant == s.Participant && m.Role == s.Role {
			return nil
		}
	}
	return &Refused{"admit", "the participant is not of the party, or in another role"}
}

// Check says what is wrong with an arrangement.
func (a Arrangement) Check(p Profile) error {
	if err := CheckName("arrange", a.Room); err != nil {
		return err
	}
	return p.plays("arrange", a.Party)
}

// plays says whether a provider can have this party.
func (p Profile) plays(verb string, party []Member) error {
	seen := map[string]bool{}
	for _, m := range party {
		if err := CheckParticipant(verb, m.Participant); err != nil {
			return err
		}
		switch {
		case seen[m.Participant]:
			return &Refused{verb, "somebody is in the party twice"}
		case !m.Role.known():
			return &Refused{verb, "there is no such role"}
		case m.Role == Observer && !p.Can(Listen):
			return &NotSupported{p.Kind, Listen}
		case m.Role == Whisperer && !p.Can(Whisper):
			return &NotSupported{p.Kind, Whisper}
		}
		seen[m.Participant] = true
	}
	if len(party) > p.Party {
		return &Refused{verb, fmt.Sprintf("a party of %d in a room of at most %d", len(party), p.Party)}
	}
	return nil
}

// Hearers is who of a party receives what a role sends.
func Hearers(speaker Role, of string, party []Member) []string {
	out := []string{}
	for _, m := range party {
		if m.Participant != of && m.Role.Hears(speaker) {
			out = append(out, m.Participant)
		}
	}
	return out
}
