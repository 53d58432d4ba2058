import { retryAfter } from './backoff.js'
import { Busy, SignedOut } from './errors.js'
import { globals, type Fetch } from './platform.js'

/**
 * The token itself, or who knows it. A token that does not change is used until the server does not take it any more; that ends the
 * client, as `SignedOut` does. `rejected`: the server did not take the last one (401, or close 4001), so a remembered one will not do.
 */
export type AccessToken = string | ((why: { rejected: boolean }) => string | Promise<string>)

/** A token from whoever knows it. @internal */
export function tokenOf(from: AccessToken, rejected: boolean): string | Promise<string> {
  if (typeof from === 'function') return from({ rejected })
  if (rejected) throw new SignedOut() // we have no other
  return from
}

/**
 * Who connects. With `ticket` each connection offers a fresh single-use ticket as a subprotocol (browsers, which cannot send
 * headers), and `accessToken`, if given, renews the connection before it expires. With `accessToken` alone it goes into the
 * `Authorization` header (Node, React Native). Both may throw `SignedOut` or `Busy`; anything else is tried again with jitter.
 */
export type Credential = { ticket: () => Promise<string>; accessToken?: AccessToken } | { ticket?: undefined; accessToken: AccessToken }

/**
 * `ticket` for `Credential`: takes single-use tickets from `POST {base}/v1/realtime/tickets` with an access token.
 * Throws `SignedOut` on 401 and 403, `Busy` on 429 and 503 with the server's `Retry-After`, an Error on anything else.
 */
export function tickets(base: string, accessToken: string | (() => string | Promise<string>), fetch: Fetch | undefined = globals.fetch): () => Promise<string> {
  return async () => {
    if (!fetch) throw new Error('There is no fetch here: give one.')
    const token = typeof accessToken === 'function' ? await accessToken() : accessToken
    const res = await fetch(`${base}/v1/realtime/tickets`, { method: 'POST', headers: { Accept: 'application/json', Authorization: `Bearer ${token}` } })
    if (res.ok) return ((await res.json()) as { ticket: string }).ticket
    if (res.status === 401 || res.status === 403) throw new SignedOut()
    const wait = retryAfter(res.headers.get('Retry-After'), Date.now())
    if (wait !== undefined) throw new Busy(wait)
    throw new Error(`no ticket: HTTP ${res.status}`)
  }
}

/** What one connection offers. @internal */
export async function present(c: Credential, rejected: boolean): Promise<{ protocols: string[]; headers: Record<string, string> }> {
  if (c.ticket) return { protocols: ['waymeet.v1', `ticket.${await c.ticket()}`], headers: {} }
  return { protocols: ['waymeet.v1'], headers: { Authorization: `Bearer ${await tokenOf(c.accessToken, rejected)}` } }
}
