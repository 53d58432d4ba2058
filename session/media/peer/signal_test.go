package peer_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/session/media"
	"github.com/waymeet/waymeet/session/media/peer"
)

var rules = peer.Rules{
	From: "c", Generation: 7, RelayOnly: true,
	Party: []media.Member{{Participant: "c", Role: media.Client}, {Participant: "e", Role: media.Expert}},
}

func raw(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func candidate(t *testing.T, line string) []byte {
	return raw(t, map[string]any{"to": "e", "generation": 7, "candidate": map[string]any{"candidate": line, "sdpMid": "0", "sdpMLineIndex": 0}})
}

// What a browser says, with every place where its own address (203.0.113.7, 192.168.1.5, 2001:db8::7) may stand.
const offer = "v=0\r\n" +
	"o=- 4611731400430051336 2 IN IP4 192.168.1.5\r\n" +
	"s=203.0.113.7\r\n" +
	"i=203.0.113.7\r\n" +
	"t=0 0\r\n" +
	"a=group:BUNDLE 0 1\r\n" +
	"a=msid-semantic: WMS\r\n" +
	"m=audio 54609 UDP/TLS/RTP/SAVPF 111 63\r\n" +
	"c=IN IP4 203.0.113.7\r\n" +
	"a=rtcp:54610 IN IP4 203.0.113.7\r\n" +
	"a=candidate:1 1 udp 2122260223 192.168.1.5 54609 typ host generation 0 network-id 1\r\n" +
	"a=candidate:2 1 udp 2122194687 0d5a7e2c-8e0f-4f62-9a8e-6e6b3f3f3f3f.local 54611 typ host\r\n" +
	"a=candidate:3 1 udp 1686052607 203.0.113.7 54609 typ srflx raddr 192.168.1.5 rport 54609 generation 0\r\n" +
	"a=candidate:4 1 udp 41885439 198.51.100.1 49200 typ relay raddr 203.0.113.7 rport 54609 generation 0 network-cost 10\r\n" +
	"a=remote-candidates:1 203.0.113.7 54609\r\n" +
	"a=source-filter: incl IN IP4 * 203.0.113.7\r\n" +
	"a=x-mine:203.0.113.7\r\n" +
	"a=x-mine:[2001:db8::7]:54609\r\n" +
	"a=x-mine:2001:db8::7\r\n" +
	"a=ice-ufrag:lgsS\r\n" +
	"a=ice-pwd:ztrGxkjsO2pPJc6OwsJlEPzS\r\n" +
	"a=fingerprint:sha-256 5D:1B:F2:AB:5D:1B:F2:AB:5D:1B:F2:AB:5D:1B:F2:AB:5D:1B:F2:AB:5D:1B:F2:AB:5D:1B:F2:AB:5D:1B:F2:AB\r\n" +
	"a=setup:actpass\r\n" +
	"a=mid:0\r\n" +
	"a=rtpmap:111 opus/48000/2\r\n" +
	"a=fmtp:111 minptime=10;useinbandfec=1\r\n"

func TestRelayOnlyTellsNoAddress(t *testing.T) {
	t.Parallel()
	body := raw(t, map[string]any{"to": "e", "generation": 7, "description": map[string]any{"type": "offer", "sdp": offer}})
	s, err := peer.Read(body, rules)
	if err != nil {
		t.Fatal(err)
	}
	said := string(raw(t, s))
	for _, own := range []string{"203.0.113.7", "192.168", "2001:db8", ".local", "54609 typ"} {
		if strings.Contains(said, own) {
			t.Errorf("%s is told:\n%s", own, s.Description.SDP)
		}
	}
	for _, kept := range []string{"198.51.100.1 49200 typ relay raddr 0.0.0.0 rport 0", "a=ice-ufrag:lgsS", "a=ice-pwd:", "a=fingerprint:sha-256 5D:1B", "a=setup:actpass", "a=mid:0",
		"a=rtpmap:111 opus/48000/2", "a=fmtp:111 ", "m=audio 54609 UDP/TLS/RTP/SAVPF 111 63", "a=group:BUNDLE 0 1", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "t=0 0"} {
		if !strings.Contains(s.Description.SDP, kept) {
			t.Errorf("%q is missing:\n%s", kept, s.Description.SDP)
		}
	}
	open := rules
	open.RelayOnly = false
	if s, err := peer.Read(body, open); err != nil || s.Description.SDP != offer {
		t.Error("changed where nothing is hidden", err)
	}
}

// The same, however the lines are written.
func TestRelayOnlyAgainstPagesThatTry(t *testing.T) {
	t.Parallel()
	for _, tricky := range []string{
		"a=CANDIDATE:1 1 udp 1 203.0.113.7 1 typ host",
		"a=candidate:1 1 udp 1 203.0.113.7 1 TYP host",
		"a=candidate:1 1 udp 1 198.51.100.1 1 typ relay raddr 203.0.113.7 rport 1 x-mine 203.0.113.7",
		"a=candidate:1 1 udp 1 198.51.100.1 1 typ relay ufrag 203.0.113.7",
		"a=candidate:203.0.113.7 1 udp 1 198.51.100.1 1 typ relay",
		"a=candidate:1 1 tcp 1 203.0.113.7 9 typ relay tcptype active",
		"a=mid:0\ra=candidate:1 1 udp 1 203.0.113.7 1 typ host",
		"a=mid:0\ra=x:203.0.113.7",
		" a=candidate:1 1 udp 1 203.0.113.7 1 typ host",
		"m=audio 9 UDP 203.0.113.7",
		"b=AS:1 203.0.113.7",
		"a=label:me=203.0.113.7:54609",
		"a=x:http://203.0.113.7/",
		"a=ice-options:203.0.113.7",
		"a=Remote-Candidates:1 203.0.113.7 1",
		"o=203.0.113.7 1 1 IN IP4 203.0.113.7",
		"o=x 203.0.113.7 1 IN IP4 1.1.1.1",
		"c=IN IP4 203.0.113.7/127",
		"203.0.113.7",
		"zz=203.0.113.7",
	} {
		s, err := peer.Read(raw(t, map[string]any{"to": "e", "generation": 7, "description": map[string]any{"type": "answer", "sdp": "v=0\r\n" + tricky + "\r\n"}}), rules)
		if err == nil && strings.Contains(s.Description.SDP, "203.0.113") {
			t.Errorf("%q is told as %q", tricky, s.Description.SDP)
		}
	}
	for line, withheld := range map[string]bool{
		"candidate:1 1 udp 1 203.0.113.7 1 typ host":                                 true,
		"candidate:1 1 udp 1 abc.local 1 typ host":                                   true,
		"candidate:1 1 udp 1 203.0.113.7 1 typ srflx raddr 0.0.0.0 rport 0":          true,
		"candidate:1 1 udp 1 203.0.113.7 1 typ prflx":                                true,
		"candidate:1 1 udp 1 home.example.com 1 typ relay":                           true,
		"candidate:1 1 udp 1 fe80::1%eth0 1 typ relay":                               true,
		"candidate:4 1 udp 1 198.51.100.1 49200 typ relay raddr 203.0.113.7 rport 5": false,
		"": false,
	} {
		s, err := peer.Read(candidate(t, line), rules)
		if errors.Is(err, peer.ErrWithheld) != withheld || err != nil && !withheld {
			t.Errorf("%q: %v", line, err)
		}
		if err == nil && strings.Contains(s.Candidate.Candidate, "203.0.113") {
			t.Errorf("%q is told as %q", line, s.Candidate.Candidate)
		}
	}
}

func TestSignalsThatAreNone(t *testing.T) {
	t.Parallel()
	bye := func(to string, generation int64) []byte {
		return raw(t, map[string]any{"to": to, "generation": generation, "bye": true})
	}
	if s, err := peer.Read(bye("e", 7), rules); err != nil || !s.Bye || s.To != "e" {
		t.Fatal(s, err)
	}
	for _, generation := range []int64{6, 8, 0, -1} {
		if _, err := peer.Read(bye("e", generation), rules); !errors.Is(err, peer.ErrStale) {
			t.Errorf("generation %d: %v", generation, err)
		}
	}
	for _, to := range []string{"c", "stranger", ""} {
		if _, err := peer.Read(bye(to, 7), rules); !fault.Is(err, "not_found") {
			t.Errorf("to %q: %v", to, err)
		}
	}
	stranger := rules
	stranger.From = "stranger"
	if _, err := peer.Read(bye("e", 7), stranger); !fault.Is(err, "not_found") {
		t.Error("from a stranger:", err)
	}
	description := func(kind, sdp string) []byte {
		return raw(t, map[string]any{"to": "e", "generation": 7, "description": map[string]any{"type": kind, "sdp": sdp}})
	}
	for name, c := range map[string]struct {
		body []byte
		code string
	}{
		"no JSON":            {[]byte(`{"to":`), "bad_json"},
		"two values":         {append(bye("e", 7), bye("e", 7)...), "bad_json"},
		"an unknown field":   {[]byte(`{"to":"e","generation":7,"bye":true,"eval":"x"}`), "bad_json"},
		"nothing":            {[]byte(`{"to":"e","generation":7}`), "bad_request"},
		"two things":         {[]byte(`{"to":"e","generation":7,"bye":true,"candidate":{"candidate":""}}`), "bad_request"},
		"a strange type":     {description("pranswer", "v=0\r\n"), "bad_request"},
		"no SDP":             {description("offer", "hello"), "bad_request"},
		"a long SDP":         {description("offer", "v=0"+strings.Repeat("x", 33<<10)), "bad_request"},
		"control characters": {description("offer", "v=0\x00"), "bad_request"},
		"a long candidate":   {candidate(t, strings.Repeat("x", 2000)), "bad_request"},
		"two lines":          {candidate(t, "candidate:1\r\na=x"), "bad_request"},
		"too much of it all": {append(bye("e", 7), []byte(strings.Repeat(" ", 50<<10))...), "body_too_large"},
	} {
		if _, err := peer.Read(c.body, rules); !fault.Is(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRelayOnly(f *testing.F) {
	f.Add(offer)
	f.Add("v=0\r\na=candidate:1 1 udp 1 203.0.113.7 1 typ relay raddr 203.0.113.7 rport 1\r\n")
	f.Fuzz(func(t *testing.T, sdp string) {
		b, err := json.Marshal(map[string]any{"to": "e", "generation": 7, "description": map[string]any{"type": "offer", "sdp": sdp}})
		if err != nil {
			t.Fatal(err)
		}
		s, err := peer.Read(b, rules)
		if err != nil {
			return
		}
		for line := range strings.SplitSeq(s.Description.SDP, "\r\n") {
			if lower := strings.ToLower(line); strings.HasPrefix(lower, "a=candidate") && !strings.Contains(line, " typ relay raddr 0.0.0.0 rport 0") || strings.ContainsAny(line, "\r\n") {
				t.Fatalf("%q", line)
			}
		}
	})
}
