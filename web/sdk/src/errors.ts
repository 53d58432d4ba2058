import type { WireError } from './frames.js'

/**
 * An operation that was not done, or of which we cannot know. `code` is the server's (`trip_full`, `not_found`, …), or one of ours:
 * `connection_lost` (sent without a key, the answer never came), `closed` (the client was closed), `queue_full`, `aborted`,
 * `too_old` (never answered while its key was known), `frame_too_large`.
 */
export class CallError extends Error {
  override readonly name = 'CallError'
  constructor(
    /** As it came: `problem` is the RFC 9457 document of a refused operation, `retry` says that the same call may succeed later. */
    readonly wire: WireError,
  ) {
    super(wire.message)
  }
  get code(): string {
    return this.wire.code
  }
}

/** Thrown by a credential function: there is no session any more. The client closes itself and calls `onSignedOut`. */
export class SignedOut extends Error {
  override readonly name = 'SignedOut'
  readonly signedOut = true
  constructor(message = 'signed out') {
    super(message)
  }
}

/** Thrown by a credential function: ask again, but not before `retryAfterMs`. Anything else that it throws is a plain failure to be repeated with jitter. */
export class Busy extends Error {
  override readonly name = 'Busy'
  constructor(
    readonly retryAfterMs: number,
    message = 'busy',
  ) {
    super(message)
  }
}
