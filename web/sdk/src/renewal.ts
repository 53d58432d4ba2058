import { tokenOf, type AccessToken } from './credential.js'
import type { Environment } from './platform.js'
import type { Requests } from './requests.js'

const SOONEST_MS = 5_000
const UNTOLD_MS = 8 * 60_000

/** Renews a connection's credential before it ends, so that a connection outlives its token. @internal */
export class Renewal {
  private timer: unknown = null
  private round = 0

  constructor(
    private readonly env: Environment,
    private readonly accessToken: AccessToken | undefined,
    private readonly requests: Requests,
  ) {}

  /** `exp` in Unix seconds, by the server's clock. Ours may be wrong: too early costs a request, too late a reconnection. */
  arm(exp: number) {
    if (!this.accessToken || typeof this.accessToken === 'string') return // the same again renews nothing
    const left = exp * 1000 - this.env.now()
    this.later(Math.min(left - 60_000, left * 0.8))
  }

  stop() {
    this.round++
    this.env.clearTimeout(this.timer)
  }

  private later(ms: number) {
    this.env.clearTimeout(this.timer)
    this.timer = this.env.setTimeout(() => void this.renew(), Math.max(SOONEST_MS, ms))
  }

  private async renew() {
    const round = this.round
    let auth: string
    try {
      auth = this.accessToken ? await tokenOf(this.accessToken, false) : ''
    } catch {
      return // the server closes with 4001 when the credential ends; the next one then tells whether we are signed out
    }
    if (round !== this.round) return
    this.requests.send({ auth }, (ok) => {
      const exp = (ok as { auth_exp?: number } | undefined)?.auth_exp
      this.later(exp ? (exp * 1000 - this.env.now()) * 0.8 : UNTOLD_MS)
    })
  }
}
