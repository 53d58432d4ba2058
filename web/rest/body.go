package rest

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/readable"
)

const (
	bodyTime = 10 * time.Second // a phone on 2G sends 64 KiB in that
	drainCap = 16 << 20         // read and thrown away, so that a client that still sends hears why it was refused
)

// readBody takes the whole body of r, at most limit bytes, and only if it is JSON that means one thing.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime)) // not every writer can, the server's own timeout stands behind
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, fault.New("bad_request").Because(err)
	}
	if int64(len(body)) > limit {
		_, _ = io.CopyN(io.Discard, r.Body, drainCap)
		return nil, fault.New("body_too_large")
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	if len(body) == 0 {
		return nil, nil
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return nil, fault.New("unsupported_media").At("header/Content-Encoding")
	}
	if !isJSON(r.Header.Get("Content-Type")) {
		return nil, fault.New("unsupported_media")
	}
	return body, checkJSON(body)
}

func isJSON(contentType string) bool {
	t, params, err := mime.ParseMediaType(contentType)
	charset, named := params["charset"]
	return err == nil && t == "application/json" && (!named || strings.EqualFold(charset, "utf-8"))
}

// checkJSON refuses what decoders disagree about: invalid UTF-8, a key twice, a half surrogate, more than one value; and
// the zero character, which PostgreSQL's text cannot hold.
func checkJSON(body []byte) error {
	if !utf8.Valid(body) {
		return fault.New("invalid_utf8")
	}
	dec := jsontext.NewDecoder(bytes.NewReader(body))
	for depth := -1; ; {
		tok, err := dec.ReadToken()
		if errors.Is(err, io.EOF) && depth == 0 {
			return nil
		}
		if err != nil {
			return jsonFault(err)
		}
		if depth == 0 {
			return fault.New("bad_json") // a second value
		}
		if tok.Kind() == '"' {
			if err := checkText(tok.String(), string(dec.StackPointer())); err != nil {
				return err
			}
		}
		depth = dec.StackDepth()
	}
}

// checkText refuses what would be shown as something else than it is: controls, and what turns the direction of the text after it. In a
// name not even a new line stands. (The marks of direction that phones put around what they copy do no harm elsewhere.)
func checkText(s, at string) error {
	key := at[strings.LastIndexByte(at, '/')+1:]
	name := strings.HasSuffix(key, "name") || key == "holder"
	switch {
	case strings.ContainsRune(s, 0):
		return fault.New("bad_value").At(cutPointer(at))
	case !readable.Text(s), name && !readable.Name(s):
		return fault.New("text_unreadable").At(cutPointer(at))
	}
	return nil
}

func jsonFault(err error) error {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		at := cutPointer(string(syntax.JSONPointer))
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return fault.New("duplicate_key").At(at)
		}
		if strings.Contains(syntax.Err.Error(), "UTF-8") || strings.Contains(syntax.Err.Error(), "surrogate") {
			return fault.New("invalid_utf8").At(at)
		}
	}
	return fault.New("bad_json")
}

// cutPointer keeps a caller's own key names from filling the answer.
func cutPointer(p string) string {
	const longest = 200
	if len(p) <= longest {
		return p
	}
	return strings.ToValidUTF8(p[:longest], "") + "…"
}
