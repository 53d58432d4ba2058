// Package redirect is the adapter for an acquirer of the CMI kind (Morocco's Centre Monétique Interbancaire, and others
// on the same platform): the payer's browser posts a hashed form to the acquirer's page, pays there, and comes back with
// a hashed form; the acquirer's server posts the same to our callback and takes the money when it reads our answer.
//
//	our page ──form, hashed──► acquirer's page ──card, 3-D Secure──► callback (hashed) ──► "ACTION=POSTAUTH": money taken
//	                                                        └──form, hashed──► our return page
//
// There is no pre-authorisation, no capture of less, no split, no saved method and no refund by program here: a metered
// session needs the wallet, and a refund goes to the wallet or is made in the acquirer's back office.
//
// # Credentials
//
// SecretKey is the password of the status query's user. WebhookSecrets are the store keys: the first one hashes our
// forms, all of them are tried on what comes back. Options: url (the form's), api (the status query's), client (the
// merchant's number), user (the status query's).
//
// # Who owns which truth
//
// The acquirer. Our payment's id is its order id (oid), so the same order is the same payment however often it is
// sent. A callback or return is a hint, even when its hash is right: LookUp asks, and compares the amount.
//
// # What happens on failure
//
// Pay makes no call. A callback that was lost is found by LookUp; a callback that comes twice has the same event id. A
// callback carries no time, so an old one can be replayed: it says what it said, is stored once, and looked up.
package redirect
