package crowd

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// problem is an answer that refuses.
type problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	after  time.Duration
}

func (p *problem) Error() string { return fmt.Sprintf("%d %s", p.Status, p.Code) }

// busy says whether the server asked for patience, or fell over: asking again may help.
func (p *problem) busy() bool {
	return p.Status == http.StatusTooManyRequests || p.Status >= 500 || p.Code == "idempotency_in_progress"
}

func readProblem(r *http.Response, body []byte) *problem {
	p := &problem{}
	_ = json.Unmarshal(body, p) // a proxy's page is no problem document: the status says enough
	p.Status = r.StatusCode
	if s, err := strconv.Atoi(r.Header.Get("Retry-After")); err == nil && s > 0 {
		p.after = time.Duration(min(s, 120)) * time.Second
	}
	return p
}

// refused says whether err is the server's considered no, rather than trouble.
func refused(err error) bool {
	if o := (*odd)(nil); errors.As(err, &o) {
		return true
	}
	var p *problem
	return errors.As(err, &p) && !p.busy() && p.Status != http.StatusUnauthorized
}
