package wire

import (
	"bytes"
	"errors"
	"strconv"
)

// Verb is what a request asks for.
type Verb uint8

// The verbs of the protocol.
const (
	NoVerb Verb = iota
	Sub
	Unsub
	Call
	Signal
	Auth
)

// Verbs names every verb as frames do, for whoever must miss none.
func Verbs() []string { return []string{"sub", "unsub", "call", "signal", "auth"} }

// ErrRequest is a request that is JSON, but none of the protocol's.
var ErrRequest = errors.New("wire: not a request")

// Request is one request of a client. Slices point into the message it came in.
type Request struct {
	ID    int64
	HasID bool
	Verb  Verb

	Channels []string // sub, unsub, signal
	List     bool     // channels came as a list: the answer is keyed by channel
	Have     map[string]uint64
	Epoch    string

	Op   string // call
	Args []byte

	Key  string // call: idempotency; signal: conflation
	Sig  string // signal
	To   string
	Data []byte

	Token string // auth
}

// Next decodes the first request of a text message and returns what follows it. With an error the request has the id that could
// be read, if any. ErrRequest leaves what follows an object of JSON; any other error what follows its line, because nobody knows
// where such a request was meant to end.
func Next(msg []byte) (req Request, rest []byte, err error) {
	i := space(msg, 0)
	end, err := skip(msg, i, 0)
	if err != nil {
		req.ID, req.HasID = idOf(msg[i:])
		_, rest, _ = bytes.Cut(msg[i:], newline)
		return req, rest, err
	}
	after := space(msg, end)
	if msg[i] != '{' {
		return req, msg[after:], ErrRequest
	}
	err = eachMember(msg[i:end], req.member)
	if err == nil && (!req.HasID || req.Verb == NoVerb || !req.complete()) {
		err = ErrRequest
	}
	if err != nil && !req.HasID {
		req.ID, req.HasID = idOf(msg[i:end])
	}
	return req, msg[after:], err
}

var newline = []byte{'\n'}

// idOf is the id of what is no request, as far as it can be read.
func idOf(b []byte) (id int64, ok bool) {
	if len(b) == 0 || b[0] != '{' {
		return 0, false
	}
	for i := space(b, 1); i < len(b) && b[i] == '"'; i = space(b, i+1) {
		end, err := skipString(b, i)
		if err != nil {
			return 0, false
		}
		key := string(b[i:end])
		if i = space(b, end); i >= len(b) || b[i] != ':' {
			return 0, false
		}
		i = space(b, i+1)
		if end, err = skip(b, i, 1); err != nil {
			return 0, false
		}
		if key == `"id"` {
			id, err = strconv.ParseInt(string(b[i:end]), 10, 64)
			return id, err == nil
		}
		if i = space(b, end); i >= len(b) || b[i] != ',' {
			return 0, false
		}
	}
	return 0, false
}

// Blank says that nothing follows in a message.
func Blank(msg []byte) bool { return space(msg, 0) == len(msg) }

func (r *Request) complete() bool {
	switch r.Verb {
	case Sub, Unsub:
		return len(r.Channels) > 0
	case Signal:
		return len(r.Channels) == 1 && !r.List && len(r.Data) > 0
	}
	return true
}

func (r *Request) verb(v Verb) error {
	if r.Verb != NoVerb {
		return ErrRequest
	}
	r.Verb = v
	return nil
}

// optional are the members that a request may lack. Null says that they are lacking: many languages write it for what is not there.
func optional(key string) bool {
	switch key {
	case "have", "epoch", "key", "sig", "to", "args":
		return true
	}
	return false
}

func (r *Request) member(key string, value []byte) (err error) {
	if optional(key) && string(value) == "null" {
		return nil
	}
	switch key {
	case "id":
		r.ID, err = strconv.ParseInt(string(value), 10, 64)
		r.HasID = err == nil
	case "sub", "unsub", "signal":
		verb := map[string]Verb{"sub": Sub, "unsub": Unsub, "signal": Signal}[key]
		if err = r.verb(verb); err == nil {
			r.Channels, r.List, err = names(value)
		}
	case "call":
		if err = r.verb(Call); err == nil {
			r.Op, err = whole(value)
		}
	case "auth":
		if err = r.verb(Auth); err == nil {
			r.Token, err = whole(value)
		}
	case "have":
		r.Have, err = versions(value)
	case "epoch":
		r.Epoch, err = whole(value)
	case "key":
		r.Key, err = whole(value)
	case "sig":
		r.Sig, err = whole(value)
	case "to":
		r.To, err = whole(value)
	case "args":
		if !isObject(value) {
			return ErrRequest
		}
		r.Args = value
	case "d":
		r.Data = value
	}
	if err != nil {
		return ErrRequest
	}
	return nil
}

// eachMember visits the members of an object that skip has found well formed.
func eachMember(b []byte, visit func(key string, value []byte) error) error {
	var seen []string
	i := space(b, 1)
	for i < len(b) && b[i] == '"' {
		key, j, err := text(b, i)
		if err != nil {
			return ErrRequest
		}
		for _, s := range seen {
			if s == key {
				return ErrRequest
			}
		}
		seen = append(seen, key)
		if len(seen) > maxMembers {
			return ErrRequest
		}
		i = space(b, space(b, j)+1)
		end, err := skip(b, i, 1)
		if err != nil {
			return err
		}
		if err := visit(key, b[i:end]); err != nil {
			return err
		}
		if i = space(b, end); b[i] == ',' {
			i = space(b, i+1)
		}
	}
	return nil
}

// maxMembers bounds a request's own members: looking for duplicates is quadratic.
const maxMembers = 32

func whole(v []byte) (string, error) {
	if len(v) == 0 || v[0] != '"' {
		return "", ErrRequest
	}
	s, _, err := text(v, 0)
	return s, err
}

// names reads a channel, or a list of channels.
func names(v []byte) (list []string, many bool, err error) {
	if v[0] != '[' {
		s, err := whole(v)
		return []string{s}, false, err
	}
	for i := space(v, 1); v[i] != ']'; {
		s, err := whole(v[i:])
		if err != nil {
			return nil, true, err
		}
		list = append(list, s)
		end, _ := skipString(v, i)
		if i = space(v, end); v[i] == ',' {
			i = space(v, i+1)
		}
	}
	return list, true, nil
}

// versions reads what a client holds: entity → version. A name twice keeps its last.
func versions(v []byte) (map[string]uint64, error) {
	if !isObject(v) {
		return nil, ErrRequest
	}
	have := map[string]uint64{}
	for i := space(v, 1); v[i] == '"'; {
		name, j, err := text(v, i)
		if err != nil {
			return nil, err
		}
		i = space(v, space(v, j)+1)
		end, _, err := skipNumber(v, i)
		if err != nil {
			return nil, err
		}
		n, err := strconv.ParseUint(string(v[i:end]), 10, 64)
		if err != nil {
			return nil, err
		}
		have[name] = n
		if i = space(v, end); v[i] == ',' {
			i = space(v, i+1)
		}
	}
	return have, nil
}
