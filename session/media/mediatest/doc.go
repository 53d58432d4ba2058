// Package mediatest is what every adapter of session/media must pass: the same attacks on each, as far as its profile
// goes. What an adapter does not offer must answer *media.NotSupported.
//
// A Rig is an adapter with somebody who plays the other side: the provider's server with its bad days, and a browser that
// does what an entry says. Hooks that belong to a capability may be nil where the profile does not have it.
package mediatest
