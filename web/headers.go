package web

import (
	"net/http"
	"net/url"
	"strings"
)

// headed says what browsers may do with what we send. No CORS header is ever sent: other origins read nothing.
func (s *Server) headed(next http.Handler) http.Handler {
	csp := contentPolicy(s.config.TileURL, s.config.StripeURL, s.config.PayPages, s.config.MediaServers)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", csp)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), microphone=(self), geolocation=(self), display-capture=(self), payment=()")
		if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// contentPolicy allows what our own screens need and nothing else: the map's worker and its images made from blobs,
// styles that the map and the menus compute, tiles from where the operator has them, and Stripe's form with its bank's pages
// (https://docs.stripe.com/security/guide#content-security-policy).
// Forms go to ourselves and to the hosted pages of the operators' acquirers, calls to the operators' media servers: both are named
// in the configuration.
func contentPolicy(tileURL, stripeURL string, payPages, mediaServers []string) string {
	stripe, banks, calls := " https://js.stripe.com", " https://js.stripe.com https://hooks.stripe.com", " https://api.stripe.com"
	if u, err := url.Parse(stripeURL); err == nil && u.Host != "" {
		stripe = " " + u.Scheme + "://" + u.Host
		banks, calls = stripe, stripe
	}
	tiles := ""
	if u, err := url.Parse(tileURL); err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
		// A tile address may hold {s} in its host, for one of several servers.
		tiles = " " + u.Scheme + "://" + strings.ReplaceAll(u.Host, "{s}", "*")
	}
	forms := ""
	for _, p := range payPages {
		if u, err := url.Parse(p); err == nil && u.Host != "" {
			forms += " " + u.Scheme + "://" + u.Host
		}
	}
	media := "" // by socket, and by HTTP: why a socket was refused is asked for there
	for _, m := range mediaServers {
		if u, err := url.Parse(m); err == nil && u.Host != "" {
			media += " " + u.Scheme + "://" + u.Host + " " + strings.Replace(u.Scheme, "ws", "http", 1) + "://" + u.Host
		}
	}
	return strings.Join([]string{
		"default-src 'self'",
		"script-src 'self'" + stripe,
		"frame-src 'self'" + banks,
		"style-src 'self' 'unsafe-inline'",
		"img-src 'self' data: blob:" + tiles,
		"font-src 'self' data:",
		"connect-src 'self'" + calls + tiles + media,
		"worker-src 'self' blob:",
		"media-src 'self' blob:",
		"manifest-src 'self'",
		"object-src 'none'",
		"base-uri 'none'",
		"form-action 'self'" + forms,
		"frame-ancestors 'none'",
	}, "; ")
}
