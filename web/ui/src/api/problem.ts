import type { WireError } from '@waymeet/sdk'

export type FieldError = { pointer?: string; code?: string; detail?: string }

/** An RFC 9457 problem. `detail` is a sentence for people, in the language we asked for; the app shows it as it is. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly errors: FieldError[]
  readonly retryAfterMs: number | undefined

  constructor(p: { status: number; code: string; detail: string; errors?: FieldError[]; retryAfterMs?: number | undefined }) {
    super(p.detail || p.code)
    this.name = 'Problem'
    this.status = p.status
    this.code = p.code
    this.detail = p.detail
    this.errors = p.errors ?? []
    this.retryAfterMs = p.retryAfterMs
  }

  /** No answer reached us: nothing is known of what the server did. */
  get unanswered() {
    return this.status === 0
  }

  /** Trying the same again, under the same key, may well succeed. */
  get passing() {
    return this.unanswered || this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504 || this.code === 'idempotency_in_progress'
  }

  /** It may have been done all the same: only asking the very same again is safe. */
  get unsure() {
    return (this.passing && this.status !== 429) || this.status >= 500 // a server that stumbled may have stumbled after it did it
  }
}

export async function problemFrom(res: Response): Promise<Problem> {
  const retry = Number(res.headers.get('Retry-After'))
  const retryAfterMs = Number.isFinite(retry) && retry > 0 ? retry * 1000 : undefined
  let body: Partial<{ code: string; detail: string; title: string; errors: FieldError[] }> = {}
  try {
    body = (await res.json()) as typeof body
  } catch {
    // A proxy's page instead of a problem: the status is all that is known.
  }
  return new Problem({
    status: res.status,
    code: body.code ?? `http_${res.status}`,
    detail: body.detail ?? body.title ?? '',
    errors: body.errors ?? [],
    retryAfterMs,
  })
}

export const isProblem = (e: unknown): e is Problem => e instanceof Problem
export type { WireError }
