package turns

import (
	"container/list"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/ident"
)

// floor is what happened, as a bystander writes it down.
type floor struct {
	*Turns
	atOnce  int
	tenants []tenant.ID
	held    map[tenant.ID]int
	waits   map[tenant.ID][]*list.Element
	passed  map[tenant.ID]map[tenant.ID]bool // who was let go of the line while somebody stood first in theirs
}

func (f *floor) holding() (tenants, all int) {
	for _, n := range f.held {
		if n > 0 {
			tenants++
		}
		all += n
	}
	return tenants, all
}

// beyond is what tenants hold beside their first.
func (f *floor) beyond() int {
	tenants, all := f.holding()
	return all - tenants
}

// settle writes down who has been let go of the line; one turn that was given back lets one go at most.
func (f *floor) settle(t *rapid.T) {
	for _, who := range f.tenants {
		for len(f.waits[who]) > 0 && come(f.waits[who][0]) {
			room := f.beyond() < f.atOnce-f.kept-1
			f.waits[who] = f.waits[who][1:]
			f.held[who]++
			clear(f.passed[who])
			for _, other := range f.tenants {
				if other == who || len(f.waits[other]) == 0 || f.held[other] > 0 && (f.held[other] >= f.share || !room) {
					continue // it does not wait, or could not have gone instead
				}
				if f.passed[other][who] {
					t.Fatal("let go twice past somebody who could have gone")
				}
				f.passed[other][who] = true
			}
		}
	}
}

func (f *floor) check(t *rapid.T) {
	f.settle(t)
	tenants, all := f.holding()
	free := f.atOnce - all
	waiting := 0
	if free < 0 || free != f.free {
		t.Fatalf("%d of %d are held, and %d free", all, f.atOnce, f.free)
	}
	if tenants <= f.kept && free == 0 {
		t.Fatalf("%d tenants hold all %d, of which places for %d others were kept", tenants, f.atOnce, f.kept)
	}
	for _, who := range f.tenants {
		waiting += len(f.waits[who])
		for _, w := range f.waits[who] {
			if come(w) {
				t.Fatal("let go before who stood in front of them")
			}
		}
		if f.held[who] > f.share {
			t.Fatalf("one has %d, of which a tenant's share is %d", f.held[who], f.share)
		}
		if len(f.waits[who]) == 0 || free == 0 || f.held[who] == f.share {
			continue
		}
		if f.held[who] == 0 {
			t.Fatalf("who has nothing waits for nothing: %d are free", free)
		}
		if f.beyond() < f.atOnce-f.kept-1 {
			t.Fatalf("who has %d waits with %d free, though others have only %d beside their first", f.held[who], free, f.beyond())
		}
	}
	if got := f.Waiting(); got != waiting {
		t.Fatalf("%d wait, not %d", got, waiting)
	}
}

// Whatever is asked, given up and given back, in any order: as long as no more tenants have something than places are kept, something is free,
// and whoever has nothing never waits while anything is. Nothing else stands free that somebody who may have it waits for; nobody is let go
// twice past another who could have gone; and when all have gone, nothing is left of them.
func TestTurnsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &floor{
			atOnce: rapid.IntRange(1, 16).Draw(t, "at once"), held: map[tenant.ID]int{}, waits: map[tenant.ID][]*list.Element{},
			passed: map[tenant.ID]map[tenant.ID]bool{},
		}
		f.Turns = Of(f.atOnce, rapid.IntRange(1, f.atOnce).Draw(t, "share"))
		for range rapid.IntRange(1, 6).Draw(t, "tenants") {
			who := tenant.ID(ident.New())
			f.tenants, f.passed[who] = append(f.tenants, who), map[tenant.ID]bool{}
		}
		one := rapid.SampledFrom(f.tenants)
		t.Repeat(map[string]func(*rapid.T){
			"": f.check,
			"ask": func(t *rapid.T) {
				who := one.Draw(t, "who")
				if place := f.stand(who); place != nil {
					f.waits[who] = append(f.waits[who], place)
				} else if f.held[who]++; len(f.waits[who]) > 0 {
					t.Fatal("let go past who stood in line")
				}
			},
			"give up": func(t *rapid.T) {
				who := one.Draw(t, "who")
				if len(f.waits[who]) == 0 {
					t.Skip("nobody waits")
				}
				i := rapid.IntRange(0, len(f.waits[who])-1).Draw(t, "place")
				place := f.waits[who][i]
				if !f.leave(who, place) {
					t.Fatal("their turn had come")
				}
				if f.waits[who] = append(f.waits[who][:i:i], f.waits[who][i+1:]...); i == 0 {
					clear(f.passed[who])
				}
			},
			"give back": func(t *rapid.T) {
				who := one.Draw(t, "who")
				if f.held[who] == 0 {
					t.Skip("nothing to give back")
				}
				f.held[who]--
				f.GiveBack(who)
			},
		})
		for _, who := range f.tenants {
			for _, place := range f.waits[who] {
				f.leave(who, place)
			}
		}
		for _, who := range f.tenants {
			for range f.held[who] {
				f.GiveBack(who)
			}
		}
		if f.free != f.atOnce || len(f.under)+len(f.lines)+len(f.order) != 0 {
			t.Fatalf("in the end: %d free, %v, %v, %v", f.free, f.under, f.lines, f.order)
		}
	})
}
