package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/internal/seal"
	"github.com/waymeet/waymeet/internal/secret"
	"github.com/waymeet/waymeet/session/media"
	"github.com/waymeet/waymeet/session/media/daily"
	"github.com/waymeet/waymeet/session/media/livekit"
	"github.com/waymeet/waymeet/session/media/peer"
	"github.com/waymeet/waymeet/session/provider"
	"github.com/waymeet/waymeet/store"
)

const mediaHelp = `set|change|show [flags]

  media set    --tenant atlas --provider livekit < credentials
  media set    --tenant atlas --provider peer [--relay-only]
  media change --tenant atlas < credentials
  media show   --tenant atlas

What carries an operator's voices and pictures: browsers themselves (peer: the default, no credentials), a LiveKit server, or Daily.co. On WAYMEET_DATABASE_URL
and WAYMEET_SYSTEM_DATABASE_URL. Credentials are read from standard input, one NAME=VALUE a line, and kept sealed with WAYMEET_SECRET; they are never shown again. Names:

  url              LiveKit: wss://…; Daily: https://DOMAIN.daily.co
  key_id           LiveKit: the API key's name
  key              LiveKit: its secret; Daily: the API key
  webhook_secret   Daily: the webhook's hmac; given twice, both count (while one is rolled). LiveKit: only while key is rolled, the old one

With --relay-only browsers connect through TURN servers alone and never learn each other's addresses; the others never tell them.
waymeet gateway rotate moves these credentials too.
`

func medias(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("media", mediaHelp)
	slug := f.String("tenant", "", "the operator's short name")
	kind := f.String("provider", "", "peer, livekit or daily")
	relayOnly := f.Bool("relay-only", false, "the parties' browsers never learn each other's addresses (peer)")
	what, rest, err := verb(f, args)
	if err != nil {
		return err
	}
	if err := parse(f, rest, 0); err != nil {
		return err
	}
	if what != "set" && what != "change" && what != "show" || (what == "set") != (*kind != "") {
		f.Usage()
		return errUsage
	}
	db, settings, err := openMediaByHand(ctx, t)
	if err != nil {
		return err
	}
	defer db.Close()
	who, err := called(ctx, db, *slug)
	if err != nil {
		return err
	}
	if what != "show" {
		given := func(*media.Credentials) {}
		if *kind != string(media.Peer) {
			if given, err = readMediaCredentials(t.in); err != nil {
				return err
			}
		}
		if what == "set" {
			c := media.Credentials{Kind: media.Kind(*kind), RelayOnly: *relayOnly}
			given(&c)
			err = settings.Choose(ctx, who.ID, c)
		} else {
			err = settings.Change(ctx, who.ID, given)
		}
	}
	var wrong *media.Misconfigured
	switch {
	case errors.As(err, &wrong):
		return errors.New(wrong.Text)
	case fault.Is(err, "media_changed"):
		return errors.New("somebody has changed it at the same time: look, and try again")
	case err != nil:
		return err
	}
	return showMedia(ctx, t, db.Read(who.ID))
}

func showMedia(ctx context.Context, t *terminal, r *store.Reader) error {
	row, err := r.MediaSetting(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "provider\t%s\n", row.Provider)
	fmt.Fprintf(w, "relay only\t%t\n", row.RelayOnly)
	if row.Sealed.KeyID != "" {
		fmt.Fprintf(w, "credentials\tsealed under %s\n", row.Sealed.KeyID)
	}
	return w.Flush()
}

func openMediaByHand(ctx context.Context, t *terminal) (*store.DB, *provider.Settings, error) {
	r := reader{environment: t.environment}
	hidden := r.secret("WAYMEET_SECRET")
	db, err := openByHand(ctx, &r, nil)
	if err != nil {
		return nil, nil, err
	}
	settings, err := mediaSettings(db, hidden, t.environment(credentialKeys), peer.Config{})
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return db, settings, nil
}

// mediaSettings opens tenants' providers, with whatever adapters this server has.
func mediaSettings(db *store.DB, hidden sealed, keys string, c peer.Config) (*provider.Settings, error) {
	box, err := seal.Parse(hidden.reveal())
	if err != nil {
		return nil, fmt.Errorf("WAYMEET_SECRET: %w", err)
	}
	kms, err := keyring(box, keys)
	if err != nil {
		return nil, err
	}
	return provider.New(db, kms, media.Openers{peer.New(c), livekit.New(0), daily.New(0)}), nil
}

// readMediaCredentials says which line is wrong, and never what it holds.
func readMediaCredentials(in io.Reader) (into func(*media.Credentials), err error) {
	if in == nil {
		in = strings.NewReader("")
	}
	given := map[string]string{}
	var hooks []secret.Text
	s := bufio.NewScanner(io.LimitReader(in, 64<<10))
	for n := 1; s.Scan(); n++ {
		line := strings.TrimSpace(s.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case !ok || value == "":
			return nil, fmt.Errorf("line %d is no NAME=VALUE", n)
		case name == "webhook_secret":
			hooks = append(hooks, secret.Hide(value))
		case name == "url" || name == "key_id" || name == "key":
			given[name] = value
		default:
			return nil, fmt.Errorf("line %d has a name that is not known", n) // a name may be a secret that was pasted
		}
	}
	return func(c *media.Credentials) {
		if v := given["url"]; v != "" {
			c.URL = v
		}
		if v := given["key_id"]; v != "" {
			c.KeyID = v
		}
		if v := given["key"]; v != "" {
			c.Key = secret.Hide(v)
		}
		if hooks != nil {
			c.WebhookSecrets = hooks
		}
	}, s.Err()
}
