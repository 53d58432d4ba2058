import { describe, expect, it, vi } from 'vitest'
import { Http } from './http'
import { Problem } from './problem'

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } })

function fixture(answers: (Response | Error)[]) {
  const asked: { url: string; init: RequestInit & { headers: Record<string, string> } }[] = []
  let token: string | null = 'old'
  const refresh = vi.fn(() => {
    token = 'new'
    return Promise.resolve<string | null>(token)
  })
  const slept: number[] = []
  const http = new Http({
    locale: () => 'ar',
    token: () => token,
    refresh,
    random: () => 0.5,
    sleep: (ms) => {
      slept.push(ms)
      return Promise.resolve()
    },
    fetch: ((url: string, init: RequestInit) => {
      asked.push({ url, init: init as never })
      const next = answers.shift()
      if (!next) throw new Error('asked once too often')
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next)
    }) as typeof fetch,
  })
  return { http, asked, refresh, slept }
}

describe('Http', () => {
  it('asks in the language of the person and shows the server’s sentence', async () => {
    const f = fixture([json({ status: 409, code: 'trip_full', detail: 'لم يبق سوى مقعدين.', errors: [{ pointer: '/party' }] }, 409)])
    const e = await f.http.post('/v1/bookings', { body: {}, key: 'k' }).catch((x: unknown) => x)
    expect(e).toBeInstanceOf(Problem)
    expect(e).toMatchObject({ status: 409, code: 'trip_full', detail: 'لم يبق سوى مقعدين.', errors: [{ pointer: '/party' }] })
    expect(f.asked[0]?.init.headers['Accept-Language']).toBe('ar')
  })

  it('refreshes once on 401 and repeats with the new token', async () => {
    const f = fixture([json({}, 401), json({ ok: 1 })])
    expect(await f.http.get('/v1/me')).toEqual({ ok: 1 })
    expect(f.refresh).toHaveBeenCalledTimes(1)
    expect(f.asked.map((a) => a.init.headers.Authorization)).toEqual(['Bearer old', 'Bearer new'])
  })

  it('does not refresh twice', async () => {
    const f = fixture([json({}, 401), json({ code: 'unauthenticated' }, 401)])
    await expect(f.http.get('/v1/me')).rejects.toMatchObject({ status: 401 })
    expect(f.refresh).toHaveBeenCalledTimes(1)
  })

  it('repeats an unanswered POST under the same key', async () => {
    const f = fixture([new TypeError('network'), json({}, 503, { 'Retry-After': '2' }), json({ id: 'b' }, 201)])
    expect(await f.http.post('/v1/bookings', { body: { party: 1 }, key: 'k-1' })).toEqual({ id: 'b' })
    expect(f.asked.map((a) => a.init.headers['Idempotency-Key'])).toEqual(['k-1', 'k-1', 'k-1'])
    expect(f.slept).toEqual([150, 2000])
  })

  it('never repeats a POST without a key', async () => {
    const f = fixture([new TypeError('network')])
    await expect(f.http.post('/v1/auth/sign-in', { body: {}, anonymous: true })).rejects.toMatchObject({ status: 0, passing: true })
    expect(f.asked).toHaveLength(1)
  })

  it('does not repeat what the server decided', async () => {
    const f = fixture([json({ code: 'trip_full' }, 409)])
    await expect(f.http.post('/v1/bookings', { key: 'k' })).rejects.toMatchObject({ code: 'trip_full' })
    expect(f.asked).toHaveLength(1)
  })

  it('leaves empty query values out', async () => {
    const f = fixture([json({})])
    await f.http.get('/v1/stops', { query: { q: 'a b', lat: undefined, limit: 8, x: '' } })
    expect(f.asked[0]?.url).toBe('/v1/stops?q=a+b&limit=8')
  })
})
