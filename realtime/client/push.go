package client

import (
	"encoding/json"
	"time"
)

// push is called with mu held.
func (c *Client) push(o *object, h *heed) {
	s := c.subs[o.Channel]
	if s == nil || !s.on {
		c.breach(h, Breach{Channel: o.Channel, Entity: o.Entity, Got: o.Version, What: "a push of a channel that is not subscribed, or of no kind"})
		return
	}
	switch {
	case o.Closed != nil:
		s.on = false
		if s.wanted {
			s.close(o.Closed)
		}
		c.stir()
	case !s.wanted: // it is being left
	case s.replica.docs == nil && o.Sig == "": // it was left and is wanted again: the answer will tell
	case o.Sig != "":
		s.hears(o.signal(o.Channel, o.Key), h)
	case o.Entity != "":
		st, err := o.step()
		if err != nil {
			c.breach(h, Breach{Channel: o.Channel, Entity: o.Entity, What: "from is no version"})
			return
		}
		got, why := s.replica.apply(o.Entity, st)
		c.note(s, o.Entity, st, got, why, h)
		s.tell()
	case o.Set != nil:
		if s.replica.whole {
			c.breach(h, Breach{Channel: o.Channel, What: "a part of a set that was whole"})
		}
		s.replica.take(o.Set, o.More, func(e string, st step, got outcome, why string) { c.note(s, e, st, got, why, h) })
		s.tell()
	default:
		c.breach(h, Breach{Channel: o.Channel, What: "a push of no kind"})
	}
}

// soonAgain is how long a channel waits that has gaps one after the other.
const soonAgain = time.Second

// note counts what became of a step, and has a gap healed. Called with mu held.
func (c *Client) note(s *Subscription, entity string, st step, got outcome, why string, h *heed) {
	switch got {
	case patched:
		c.stats.Patches++
	case replaced:
		c.stats.Documents++
	case departed:
		c.stats.Left++
	case gap:
		c.stats.Gaps++
		c.cfg.Logger.Debug("client: a gap", "channel", s.Channel, "entity", entity, "why", why)
		if s.asked == nil && !s.again { // an answer that is under way heals it
			s.again = true
			if now := time.Now(); now.Before(s.after.Add(soonAgain)) {
				s.after = now.Add(soonAgain)
			} else {
				s.after = now
			}
			c.stir()
		}
	case breached:
		held := s.replica.docs[entity].Version
		c.breach(h, Breach{Channel: s.Channel, Entity: entity, Held: held, Got: st.Version, What: why})
	}
}

// hears is called with mu held. What a node says of itself is the status, all else goes out.
func (s *Subscription) hears(sig Signal, h *heed) {
	if sig.Key == nodeKey && sig.From == "" {
		switch sig.Sig {
		case "stale":
			var d struct {
				Since time.Time `json:"since"`
			}
			if json.Unmarshal(sig.Data, &d) != nil || d.Since.IsZero() {
				d.Since = time.Now()
			}
			s.status.Stale = d.Since
		case "fresh":
			s.status.Stale = time.Time{}
		}
		s.tell()
		return
	}
	for _, f := range s.hear {
		*h = append(*h, func() { f(sig) })
	}
}
