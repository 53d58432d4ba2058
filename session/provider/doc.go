// Package provider is which media provider a tenant has, and opens it: the built-in one, unless they chose another.
//
// The row owns the choice; credentials lie in it sealed, under a key of their own (billing/gateway/envelope), bound to the tenant. A
// provider that was opened is kept while the row has the same version, so a change counts from the next call on every node.
//
// Whoever runs sessions asks For with what each began with; it makes no call to the provider. What cannot be opened, because its key is gone
// or its credentials make no sense, is an error that a person must look at (media_not_set_up), never another provider instead: a tenant
// that hides addresses would show them.
package provider
