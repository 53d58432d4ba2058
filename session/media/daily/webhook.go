package daily

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/waymeet/waymeet/session/media"
)

// trial is what Daily posts to try an address, before there is a secret.
const trial = `{"test":"test"}`

var news = map[string]media.News{
	"meeting.started": media.Started, "meeting.ended": media.Ended, "participant.joined": media.Joined, "participant.left": media.Left,
	"recording.ready-to-download": media.Recorded,
}

// ReadWebhook believes a body that one of the secrets has signed, with its time: base64(HMAC-SHA256(secret, time + "." + body)).
func (d *domain) ReadWebhook(in media.Delivery) (media.Event, error) {
	if len(d.hooks) == 0 {
		return d.Unsupported.ReadWebhook(in)
	}
	signature, stamp := in.Header.Get("X-Webhook-Signature"), in.Header.Get("X-Webhook-Timestamp")
	if signature == "" || stamp == "" {
		if string(in.Body) == trial {
			return media.Event{News: media.Tried}, nil
		}
		return media.Event{}, &media.BadWebhook{Why: media.Unsigned}
	}
	given, err := base64.StdEncoding.DecodeString(signature)
	if err != nil || !d.signed(given, stamp, in.Body) {
		return media.Event{}, &media.BadWebhook{Why: media.Forged}
	}
	n, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return media.Event{}, &media.BadWebhook{Why: media.TooOld}
	}
	at := time.Unix(n, 0)
	if n > 100_000_000_000 { // in milliseconds
		at = time.UnixMilli(n)
	}
	if err := media.Fresh(at, in.At); err != nil {
		return media.Event{}, err
	}
	var body struct {
		ID      string  `json:"id"`
		Type    string  `json:"type"`
		EventTS float64 `json:"event_ts"`
		Payload struct {
			Room     string `json:"room"`
			RoomName string `json:"room_name"` // of recordings
			UserID   string `json:"user_id"`
		} `json:"payload"`
	}
	if err := json.Unmarshal(in.Body, &body); err != nil || body.ID == "" || body.Type == "" {
		return media.Event{}, &media.BadWebhook{Why: media.Unreadable}
	}
	whole, part := math.Modf(body.EventTS)
	e := media.Event{ID: body.ID, News: media.Other, Word: body.Type, Room: body.Payload.Room, Participant: body.Payload.UserID, At: time.Unix(int64(whole), int64(part*1e9))}
	if e.Room == "" {
		e.Room = body.Payload.RoomName
	}
	if n, known := news[body.Type]; known {
		e.News = n
	}
	return e, nil
}

func (d *domain) signed(given []byte, stamp string, body []byte) bool {
	for _, secret := range d.hooks {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(stamp + "."))
		mac.Write(body)
		if hmac.Equal(given, mac.Sum(nil)) {
			return true
		}
	}
	return false
}
