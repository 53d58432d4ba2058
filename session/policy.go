package session

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/waymeet/waymeet/session/meter"
	"github.com/waymeet/waymeet/store"
)

// settings is what a tenant may say of conversations, in seconds.
type settings struct {
	Session struct {
		Connect *int64 `json:"connect_s"`
		Grace   *int64 `json:"grace_s"`
		Hold    *int64 `json:"hold_s"`
		Paused  *int64 `json:"paused_s"`
		Pauses  *int64 `json:"pauses"`
		WrapUp  *int64 `json:"wrap_up_s"`
		Free    *int64 `json:"free_s"`
		Minimum *int64 `json:"minimum_s"`

		Notice *bool `json:"supervision_notice"`
	} `json:"session"`
}

func settingsOf(t store.Terms) (s settings, err error) {
	if len(t.Settings) > 2 {
		if err = json.Unmarshal(t.Settings, &s); err != nil {
			err = fmt.Errorf("session: read the tenant's settings: %w", err)
		}
	}
	return s, err
}

// noticed says whether those who talk are told when somebody listens: yes, unless the tenant says otherwise.
func noticed(t store.Terms) (bool, error) {
	s, err := settingsOf(t)
	return s.Session.Notice == nil || *s.Session.Notice, err
}

// policyOf is the tenant's policy now, each part within bounds: a conversation keeps that under which it opened.
func policyOf(t store.Terms) (meter.Policy, error) {
	y := meter.DefaultPolicy
	s, err := settingsOf(t)
	if err != nil {
		return y, err
	}
	span := func(to *time.Duration, v *int64, least, most int64) {
		if v != nil {
			*to = time.Duration(min(max(*v, least), most)) * time.Second
		}
	}
	span(&y.Connect, s.Session.Connect, 10, 600)
	span(&y.Grace, s.Session.Grace, 5, 600)
	span(&y.Hold, s.Session.Hold, 5, 1800)
	span(&y.Paused, s.Session.Paused, 10, 3600)
	span(&y.WrapUp, s.Session.WrapUp, 0, 1800)
	if v := s.Session.Pauses; v != nil {
		y.Pauses = int(min(max(*v, 0), 100))
	}
	if v := s.Session.Free; v != nil {
		y.Free = min(max(*v, 0), 3600)
	}
	if v := s.Session.Minimum; v != nil {
		y.Minimum = min(max(*v, 0), 3600)
	}
	return y, nil
}
