package api

import (
	"context"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/web/rest"
)

// drained is what is read of a file that is refused, so that a client that still sends hears why.
const drained = 16 << 20

// fetching is how long sending a file may take.
const fetching = 5 * time.Minute

func (d talkDesk) share(ctx context.Context, in *askShare) (*rest.Nothing, error) {
	body := rest.RawOf(ctx)
	_, err := d.may(ctx, policy.SessionTalk, in.ID)
	if err == nil {
		err = d.s.Share(ctx, talkBy(ctx), rest.ClaimOf(ctx), in.ID, in.Name, body)
	}
	if fault.Is(err, "file_too_large") {
		_, _ = io.CopyN(io.Discard, body, drained)
	}
	return &rest.Nothing{}, err
}

func (d talkDesk) fileLink(ctx context.Context, in *askFileLink) (*rest.Answer[FileLink], error) {
	if _, err := d.may(ctx, policy.SessionRead, in.ID); err != nil {
		return nil, err
	}
	token, until, err := d.s.FileLink(ctx, talkBy(ctx), in.ID, in.N)
	return rest.Say(FileLink{"/v1/files/" + token, until.UTC()}), err
}

// file sends what a link leads to: as what it is and nothing else, to be kept and not to be opened on our pages.
func (d talkDesk) file(ctx context.Context, in *askFile) (*huma.StreamResponse, error) {
	f, l, err := d.s.Fetch(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer f.Close()
		r, w := humamux.Unwrap(c)
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(fetching)) // not every writer can
		h := w.Header()
		h.Set("Content-Type", l.Kind)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": l.Name}))
		http.ServeContent(w, r, "", time.Time{}, f)
	}}, nil
}
