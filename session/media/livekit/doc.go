// Package livekit carries media through a LiveKit server: the tenant's own, or LiveKit Cloud.
//
//	Open, Eject, Present, Arrange, Close ── Twirp, JSON ──► RoomService
//	Admit ── token (JWT, HS256), made here ──► the browser ──► the server
//	server ── webhook, JWT with the body's hash ──► ReadWebhook
//
// # Credentials
//
// URL is where browsers connect (wss://…; the API is at the same host), KeyID and Key are the API key and its secret. Webhooks are
// signed with the same secret; while it is being rolled, WebhookSecrets has the old one.
//
// # Who enforces what
//
// What somebody sends (canPublishSources), whether they receive at all and whether they are seen (hidden) is in their token, and
// the server's to enforce. Data is not allowed: chat is ours. Who hears a whisperer is a permission of the track's publisher in LiveKit: the
// whisperer's page sets it before it sends (Entry.Restricted and HeardBy: setTrackSubscriptionPermissions(false, HeardBy)), and the server then
// refuses everybody else. The whisperer is one of ours, so their page is trusted with it; the client's is trusted with nothing. A
// participant who sends cannot be hidden: a client's page can find out that somebody is there, and not hear them. Whose HeardBy changes
// (a second expert) is admitted anew, and sets it again.
//
// Who barges in comes anew with another token: an observer's connection stays hidden.
//
// # What it cannot do
//
// Recording is LiveKit's egress, a service of its own with storage of its own: not offered. A room has no end by the clock: it ends when
// it is closed, or empty for two minutes. Somebody who was ejected can come back while their token lasts: two minutes; Joined says so.
//
// # What happens on failure
//
// See session/media. A room or participant that is not there is not an error for Eject, Close, Arrange and Present.
package livekit
