import { fullJitter } from '@waymeet/sdk'
import { Problem, problemFrom } from './problem'

export type HttpOptions = {
  base?: string
  fetch?: typeof fetch
  locale: () => string
  /** The access token in hand, if any. */
  token: () => string | null
  /** Gets a new access token once; null when the session is over. Concurrent callers share one attempt. */
  refresh: () => Promise<string | null>
  sleep?: (ms: number) => Promise<void>
  random?: () => number
  /** Told of each answer's Date header, so that countdowns follow the server's clock. */
  onServerDate?: (ms: number) => void
}

export type Call = {
  query?: Record<string, string | number | undefined>
  body?: unknown
  /** Idempotency-Key: with one, an unanswered POST is repeated, always under the same key. */
  key?: string
  signal?: AbortSignal | undefined
  timeoutMs?: number
  /** How often to ask at most, when repeating is harmless. */
  tries?: number
  anonymous?: boolean
  /** Reads the answer; absent: as JSON. */
  read?: (res: Response) => Promise<unknown>
}

const TRIES = 4

export class Http {
  private readonly fetch: typeof fetch
  private readonly sleep: (ms: number) => Promise<void>
  private readonly random: () => number

  constructor(private readonly opt: HttpOptions) {
    this.fetch = opt.fetch ?? ((...a) => globalThis.fetch(...a))
    this.sleep = opt.sleep ?? ((ms) => new Promise((r) => setTimeout(r, ms)))
    this.random = opt.random ?? Math.random
  }

  get<T>(path: string, call: Call = {}): Promise<T> {
    return this.send<T>('GET', path, call)
  }
  post<T>(path: string, call: Call = {}): Promise<T> {
    return this.send<T>('POST', path, call)
  }
  put<T>(path: string, call: Call = {}): Promise<T> {
    return this.send<T>('PUT', path, call)
  }
  patch<T>(path: string, call: Call = {}): Promise<T> {
    return this.send<T>('PATCH', path, call)
  }
  delete<T>(path: string, call: Call = {}): Promise<T> {
    return this.send<T>('DELETE', path, call)
  }

  private async send<T>(method: string, path: string, call: Call): Promise<T> {
    const repeatable = method === 'GET' || call.key !== undefined
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.once<T>(method, path, call)
      } catch (e) {
        if (!(e instanceof Problem) || !e.passing || !repeatable || attempt + 1 >= (call.tries ?? TRIES) || call.signal?.aborted) throw e
        await this.sleep(Math.max(e.retryAfterMs ?? 0, fullJitter(attempt, this.random, 300, 3_000)))
      }
    }
  }

  private async once<T>(method: string, path: string, call: Call): Promise<T> {
    let token = call.anonymous ? null : this.opt.token()
    if (!call.anonymous && token === null) token = await this.opt.refresh()
    let res = await this.fetchOnce(method, path, call, token)
    if (res.status === 401 && !call.anonymous) {
      const fresh = await this.opt.refresh()
      if (fresh !== null) res = await this.fetchOnce(method, path, call, fresh)
    }
    if (!res.ok) throw await problemFrom(res)
    if (res.status === 204) return undefined as T
    try {
      return (await (call.read ? call.read(res) : res.json())) as T
    } catch {
      throw new Problem({ status: 0, code: 'torn', detail: '' }) // the answer broke off on its way
    }
  }

  private async fetchOnce(method: string, path: string, call: Call, token: string | null): Promise<Response> {
    const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': this.opt.locale() }
    if (token) headers.Authorization = `Bearer ${token}`
    if (call.key) headers['Idempotency-Key'] = call.key
    const raw = call.body instanceof Blob
    if (call.body !== undefined && !raw) headers['Content-Type'] = 'application/json'
    const timeout = AbortSignal.timeout(call.timeoutMs ?? 15_000)
    const signal = call.signal ? AbortSignal.any([call.signal, timeout]) : timeout
    try {
      const res = await this.fetch((this.opt.base ?? '') + path + query(call.query), {
        method,
        headers,
        signal,
        credentials: 'same-origin',
        ...(call.body !== undefined ? { body: raw ? (call.body as Blob) : JSON.stringify(call.body) } : {}),
      })
      const date = Date.parse(res.headers.get('Date') ?? '')
      if (Number.isFinite(date)) this.opt.onServerDate?.(date)
      return res
    } catch (e) {
      if (call.signal?.aborted) throw e
      throw new Problem({ status: 0, code: 'unanswered', detail: '' })
    }
  }
}

function query(q: Call['query']): string {
  const p = new URLSearchParams()
  for (const [k, v] of Object.entries(q ?? {})) if (v !== undefined && v !== '') p.set(k, String(v))
  const s = p.toString()
  return s ? `?${s}` : ''
}
