// Package daily carries media through Daily.co.
//
//	Open, Admit, Arrange, Eject, Present, Close ── REST ──► api.daily.co
//	the browser ── meeting token ──► DOMAIN.daily.co ── webhook, HMAC over time and body ──► ReadWebhook
//
// # Credentials
//
// URL is the tenant's domain (https://DOMAIN.daily.co), Key its API key, WebhookSecrets the `hmac` of its webhooks, in base64 as Daily gives them.
//
// # Who enforces what
//
// All of it Daily: rooms are private, so a meeting token is needed; what somebody sends (canSend), whom they receive (canReceive, by our id: nobody
// but those who are named) and whether they are seen (hasPresence) stand in it, and are told anew to those who are there when the party changes
// (Arrange). Calls of two would be browser to browser with Daily; sfu_switchover sends all of them through its servers, so that nobody learns an
// address and what is allowed is enforced. A participant who is hidden cannot be heard, so a whisperer is shown: a client's page can find out that
// somebody is there, and not hear them.
//
// # What happens on failure
//
// See session/media. Presence may be some seconds late; so Arrange can miss somebody who is just coming in, whose token says the same. Rooms end by themselves at
// their time and throw out whoever is in them. Who was ejected is barred for as long as the meeting lasts.
package daily
