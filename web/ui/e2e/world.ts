import AxeBuilder from '@axe-core/playwright'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test as base, type Browser, type Locator, type Page } from '@playwright/test'

export type Login = { tenant: string; role: string; email: string; password: string }
type World = { nodes: string[]; logins: Login[]; door: string; bin: string; dir: string; media: { url: string; id: string; key: string } | null }

export const world = (): World => JSON.parse(process.env.WAYMEET_E2E ?? '{}') as World

export async function order(line: 'redis restart' | 'redis stop' | 'redis start'): Promise<void> {
  const res = await fetch(world().door, { method: 'POST', body: line })
  const answer = (await res.json()) as { done: string; error?: string }
  if (answer.error) throw new Error(`${line}: ${answer.error}`)
}

/** The operator's engineer at a shell: `waymeet …` on this stack. */
export function byHand(...args: string[]): string {
  return typed('', ...args)
}

/** The same, who types something. */
export function typed(input: string, ...args: string[]): string {
  const { bin, dir } = world()
  return execFileSync('sh', ['-c', '. "$0/env"; exec "$@"', dir, bin, ...args], { encoding: 'utf8', input })
}

export function login(role: string, tenant = 'atlas'): Login {
  const found = world().logins.find((l) => l.role === role && l.tenant === tenant)
  if (!found) throw new Error(`the demo has no ${role} of ${tenant}`)
  return found
}

/** A browser of one person, on one node. */
export async function person(browser: Browser, role: string, opt: { node?: number; lang?: string; theme?: string; phone?: boolean; tenant?: string; map?: boolean; lostIn?: string; email?: string } = {}): Promise<Page> {
  const node = world().nodes[opt.node ?? 0]
  if (!node) throw new Error('no such node')
  const context = await browser.newContext({ baseURL: node, ...(opt.phone ? { viewport: { width: 390, height: 844 }, hasTouch: true } : {}), ...(opt.lostIn ? { timezoneId: opt.lostIn } : {}) })
  await context.addInitScript(
    ([lang, theme]) => {
      localStorage.setItem('waymeet.locale', lang ?? 'en')
      if (theme) localStorage.setItem('waymeet.theme', theme)
    },
    [opt.lang ?? 'en', opt.theme ?? ''],
  )
  if (opt.lostIn) {
    // Zone data that could not be older: whatever zone is asked for, this one is used. UTC needs no data.
    await context.addInitScript((zone) => {
      const real = Intl.DateTimeFormat
      const wrong = function (tag?: string, o?: Intl.DateTimeFormatOptions) {
        return new real(tag, { ...o, timeZone: o?.timeZone === 'UTC' ? 'UTC' : zone })
      }
      Object.assign(wrong, { supportedLocalesOf: real.supportedLocalesOf })
      Intl.DateTimeFormat = wrong as unknown as typeof Intl.DateTimeFormat
    }, opt.lostIn)
  }
  if (!opt.map) {
    // A browser without WebGL is one that must work too; drawing the map in software would take this machine from what is tested. One test draws it.
    await context.addInitScript(() => {
      const real = HTMLCanvasElement.prototype.getContext
      HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...a: Parameters<typeof real>) {
        return String(a[0]).startsWith('webgl') ? null : real.apply(this, a)
      } as typeof real
    })
  }
  const page = await context.newPage()
  const wrong: string[] = []
  page.on('pageerror', (e) => wrong.push(e.message))
  context.on('close', () => expect(wrong, 'errors in the page').toEqual([]))
  await page.goto('/')
  const who = login(role, opt.tenant)
  const inputs = page.locator('form input')
  await inputs.nth(0).fill(who.tenant)
  await inputs.nth(1).fill(opt.email ?? who.email)
  await inputs.nth(2).fill(who.password)
  await page.locator('form button[type=submit]').click()
  await expect(page.locator('header').first()).toBeVisible()
  return page
}

/** The API as the same kind of person, for arranging what a test needs to find. */
export class Api {
  private constructor(
    private readonly base: string,
    private readonly token: string,
    readonly today: string,
    readonly user: string,
  ) {}

  static async as(role: string, node = 0, of?: string): Promise<Api> {
    return Api.signedIn(login(role, of), node)
  }

  static async signedIn({ tenant, email, password }: { tenant: string; email: string; password: string }, node = 0): Promise<Api> {
    const base = world().nodes[node] ?? ''
    const res = await fetch(`${base}/v1/auth/sign-in`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ tenant, email, password }) })
    const body = (await res.json()) as { access_token: string; user: { id: string; tenant: { today: string } } }
    return new Api(base, body.access_token, body.user.tenant.today, body.user.id)
  }

  async get<T>(path: string): Promise<T> {
    return this.send<T>('GET', path)
  }
  async post<T>(path: string, body?: unknown): Promise<T> {
    return this.send<T>('POST', path, body)
  }
  async put<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('PUT', path, body)
  }
  async patch<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('PATCH', path, body)
  }
  private async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const res = await fetch(this.base + path, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/json', ...(method === 'POST' ? { 'Idempotency-Key': crypto.randomUUID() } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!res.ok) throw new Error(`${method} ${path}: ${res.status} ${await res.text()}`)
    return (res.status === 204 ? undefined : await res.json()) as T
  }
}

export type Offer = { trip: string; line: string; headsign: string; date: string; free: number; from: { stop: string; name: string; time: string; at: string; index: number }; to: { stop: string; name: string; index: number } }
export type Booking = { id: string; state: string; short: string; trip: string }

type Ride = { from: string; to: string; date: string; offers: Offer[] }

/** A pair of stops and a day ahead with several trips that have room: found through the API, whatever the demo's timetable and today's weekday are. */
export const findRide = (api: Api, room = 4) => search(api, [1, 2, 3, 4, 5, 6], 3, (o) => o.free >= room)

/** A ride that begins soon enough to be boarded now. */
export const findRideSoon = (api: Api, room = 4) => {
  const minutes = (o: Offer) => (Date.parse(o.from.at) - Date.now()) / 60_000
  return search(api, [0, 1], 1, (o) => o.free >= room && minutes(o) > 5 && minutes(o) < 110)
}

async function search(api: Api, days: number[], enough: number, good: (o: Offer) => boolean): Promise<Ride> {
  const { items: lines } = await api.get<{ items: { id: string }[] }>('/v1/lines')
  for (const ahead of days) {
    const date = new Date(Date.parse(`${api.today}T00:00:00Z`) + ahead * 86_400_000).toISOString().slice(0, 10)
    for (const line of lines) {
      const { patterns } = await api.get<{ patterns: { id: string }[] }>(`/v1/lines/${line.id}`)
      for (const p of patterns) {
        const { stops } = await api.get<{ stops: { stop: string }[] }>(`/v1/patterns/${p.id}`)
        const from = stops[1]?.stop
        const to = stops[stops.length - 2]?.stop
        if (!from || !to || from === to) continue
        const { items } = await api.get<{ items: Offer[] }>(`/v1/trips?from=${from}&to=${to}&date=${date}&party=1&limit=40`)
        const offers = items.filter(good)
        if (offers.length >= enough) return { from, to, date, offers }
      }
    }
  }
  throw new Error('the demo has no such ride')
}

/** The row of one trip on a dispatcher's board: its day, its line alone, because a whole day is drawn only where it is seen. */
export async function boardRow(page: Page, today: string, offer: Offer): Promise<Locator> {
  await expect(page.getByTestId('link')).toHaveAttribute('data-state', 'current')
  const days = Math.round((Date.parse(offer.date) - Date.parse(today)) / 86_400_000)
  for (let i = 0; i < days; i++) await page.getByRole('button', { name: 'Next day' }).click()
  await page.getByRole('combobox', { name: 'Line' }).selectOption(offer.line)
  const row = page.locator(`[data-trip="${offer.trip}"]`)
  await expect(row).toBeVisible()
  return row
}

/** The app's own words, to find things by what they say in any language. */
export const words = (lang: string) => ({ ...said(`${lang}.json`), ...said(`office.${lang}.json`), ...said(`advice.${lang}.json`), ...said(`desk.${lang}.json`) }) as typeof import('../src/i18n/en.json') & typeof import('../src/i18n/office.en.json') & typeof import('../src/i18n/advice.en.json') & typeof import('../src/i18n/desk.en.json')
const said = (file: string) => JSON.parse(readFileSync(resolve(import.meta.dirname, '../src/i18n', file), 'utf8')) as object

/** WCAG 2.2 AA by axe: nothing serious, nothing critical. Long lists repeat one kind of row: the first dozen speak for all. */
export async function accessible(page: Page, what: string): Promise<void> {
  // What is still sliding or fading in is judged when it stands: half-way its colours are nobody's choice.
  await page.evaluate(() => Promise.all(document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity).map((a) => a.finished.catch(() => undefined))))
  const { violations } = await new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).exclude('li:nth-child(n+13)').withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze()
  const bad = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(' | ')}`)
  expect(bad, `axe on ${what}`).toEqual([])
}

/** On a phone and on a desk. */
export async function accessibleEverywhere(page: Page, what: string): Promise<void> {
  for (const [width, height] of [[390, 844], [1440, 900]] as const) {
    await page.setViewportSize({ width, height })
    await accessible(page, `${what} at ${width}`)
  }
}

export const test = base
export { expect, type Page }
