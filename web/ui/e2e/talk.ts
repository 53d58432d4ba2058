import { Api, expect, login, person, words, type Page } from './world'

// A client and an expert who talk, each in a browser of their own, on two nodes.

/** A camera and a microphone that are not real, and nobody to be asked whether they may be used. */
export const devices = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--auto-accept-this-tab-capture', '--autoplay-policy=no-user-gesture-required']

export const tenant = 'majlis'
export const say = words('en')

type Sets = { set: Record<string, { d: Record<string, unknown> }> }
type Heard = { connections: number; bytes: number; frames: number; screen: number; relayed: boolean }

/** The page's connections are noted as they are made, so that the browser itself can be asked what came in. */
export async function noted(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const Real = RTCPeerConnection
    const all: RTCPeerConnection[] = []
    Object.assign(window, { connections: all })
    window.RTCPeerConnection = class extends Real {
      constructor(c?: RTCConfiguration) {
        super(c)
        all.push(this)
      }
    }
  })
}

export const heard = (page: Page): Promise<Heard> =>
  page.evaluate(async () => {
    const out = { connections: 0, bytes: 0, frames: 0, screen: 0, relayed: false }
    for (const pc of (window as unknown as { connections: RTCPeerConnection[] }).connections) {
      if (pc.signalingState === 'closed') continue
      out.connections++
      const stats = new Map<string, Record<string, unknown>>()
      for (const [id, s] of (await pc.getStats()) as unknown as Iterable<[string, Record<string, unknown>]>) stats.set(id, s)
      const screen = pc.getTransceivers()[2]?.mid
      for (const s of stats.values()) {
        if (s.type === 'inbound-rtp') {
          out.bytes += Number(s.bytesReceived ?? 0)
          out.frames += Number(s.framesDecoded ?? 0)
          if (s.mid === screen) out.screen += Number(s.framesDecoded ?? 0)
        }
        if (s.type === 'transport' && s.selectedCandidatePairId !== undefined) {
          const pair = stats.get(String(s.selectedCandidatePairId))
          out.relayed = stats.get(String(pair?.localCandidateId))?.candidateType === 'relay'
        }
      }
    }
    return out
  })

type Wire = { bytes: number; frames: number; sent: number }

/** What came in and went out, by connection. */
export const wires = (page: Page): Promise<Wire[]> =>
  page.evaluate(async () => {
    const out: Wire[] = []
    for (const pc of (window as unknown as { connections: RTCPeerConnection[] }).connections) {
      if (pc.signalingState === 'closed') continue
      const w = { bytes: 0, frames: 0, sent: 0 }
      for (const [, s] of (await pc.getStats()) as unknown as Iterable<[string, Record<string, unknown>]>) {
        if (s.type === 'inbound-rtp') {
          w.bytes += Number(s.bytesReceived ?? 0)
          w.frames += Number(s.framesDecoded ?? 0)
        }
        if (s.type === 'outbound-rtp') w.sent += Number(s.bytesSent ?? 0)
      }
      out.push(w)
    }
    return out
  })

/** Notes whatever else than a live call and a running meter a page shows, from now on. */
export async function steady(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const seen: string[] = []
    const look = () => {
      const [call, meter] = [document.querySelector('[data-testid=call]'), document.querySelector('[data-testid=meter]')]
      const now = `${call?.getAttribute('data-state')} ${meter?.getAttribute('data-running')}`
      if (now !== 'live true' && seen.at(-1) !== now) seen.push(now)
    }
    Object.assign(window, { unsteady: seen })
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state', 'data-running'] })
    look()
  })
  return () => page.evaluate(() => (window as unknown as { unsteady: string[] }).unsteady)
}

export const receives = async (page: Page) => {
  const before = await heard(page)
  await expect.poll(async () => (await heard(page)).frames - before.frames, { message: 'frames come in' }).toBeGreaterThan(10)
  await expect.poll(async () => (await heard(page)).bytes - before.bytes, { message: 'bytes come in' }).toBeGreaterThan(5_000)
}
export const seconds = async (page: Page) => Number(await page.getByTestId('meter').getAttribute('data-seconds'))
export const stands = (page: Page, state: string) => expect(page.getByTestId('call')).toHaveAttribute('data-state', state)

/** The client asks, and has a place. */
export async function asks(client: Page, card = false, look: (what: string) => Promise<void> = async () => undefined): Promise<void> {
  await client.goto('/advice')
  await client.getByRole('radio', { name: /Company set-up/ }).check()
  await client.getByRole('radio', { name: say.ask.modalities.video }).check()
  await look('describe')
  await client.getByRole('button', { name: say.ask.next }).click()
  await client.getByLabel(/The most that a minute/).fill('60')
  await client.getByRole('radio', { name: card ? /^Card/ : say.ask.wallet }).check()
  await look('price')
  await client.getByRole('button', { name: say.ask.next }).click()
  await expect(client.getByText(say.check.heard)).toBeVisible()
  await look('devices')
  await client.getByRole('button', { name: /and wait$/ }).click()
  if (card) {
    await client.getByLabel('Card number').fill('4000 0000 0000 3220')
    await client.getByLabel('Expiry (MM/YY)').fill('12/34')
    await client.getByLabel('Security code').fill('123')
    await look('card')
    await client.getByRole('button', { name: /^Pay / }).click()
    await client.frameLocator('dialog iframe').getByRole('button', { name: 'Confirm', exact: true }).click()
  }
  await client.waitForURL(/\/advice\/requests\//)
}

/** The client asks, the expert is rung and accepts: both are in the call. */
export async function connected(client: Page, expert: Page, api: Api, card = false, look: (what: string) => Promise<void> = async () => undefined): Promise<string> {
  await asks(client, card, look)
  await expect(client.getByTestId('waiting').or(client.getByText(say.wait.matched))).toBeVisible()
  let offer = ''
  await expect
    .poll(async () => {
      const { set } = await api.get<Sets>('/v1/realtime/sets/me')
      offer = Object.keys(set).find((name) => name.startsWith('offer/'))?.slice('offer/'.length) ?? ''
      return offer
    })
    .not.toBe('')
  await look('waiting')
  await api.post(`/v1/offers/${offer}/accept`)
  await client.waitForURL(`**/advice/sessions/${offer}`)
  await expert.goto(`/practice/session/${offer}`)
  await Promise.all([stands(client, 'live'), stands(expert, 'live')])
  return offer
}

export async function pair(browser: Parameters<typeof person>[0]): Promise<{ client: Page; expert: Page; api: Api; purse: Api }> {
  const [api, purse] = [await Api.as('expert', 1, tenant), await Api.as('client', 0, tenant)]
  const client = await person(browser, 'client', { tenant, phone: true })
  const expert = await person(browser, 'expert', { tenant, node: 1 })
  await Promise.all([noted(client), noted(expert)])
  await expert.goto('/practice') // their line is open: they can be rung
  await expect(expert.getByTestId('link')).toHaveAttribute('data-state', 'current')
  // Dear enough that some seconds are more than the least that a card can be charged.
  const { skills, languages, modalities, hours, slots, time_zone } = await api.get<Record<string, unknown>>('/v1/me/practice')
  await api.put('/v1/me/practice', { skills, languages, modalities, hours, slots, time_zone, price: { amount: 60_00, currency: 'AED' } })
  await api.post('/v1/me/practice/intent', { intent: 'available' })
  return { client, expert, api, purse }
}

/** One of the demonstration's experts who can what the queue asks for, at half the first one's price. */
export async function another(api: Api): Promise<{ email: string; api: Api }> {
  const { items } = await api.get<{ items: { name: string; needs: { skill: string }[] }[] }>('/v1/queues')
  const skill = items.find((q) => q.name === 'Company set-up')?.needs[0]?.skill
  for (let i = 1; i <= 40; i++) {
    const email = `expert${String(i).padStart(3, '0')}@majlis.example`
    const theirs = await Api.signedIn({ ...login('expert', tenant), email })
    const { skills, languages, slots, time_zone } = await theirs.get<{ skills: { skill: string; level: number }[] } & Record<string, unknown>>('/v1/me/practice')
    if (!skills.some((s) => s.skill === skill && s.level >= 2)) continue
    await theirs.put('/v1/me/practice', { skills, languages, modalities: ['audio', 'video', 'chat'], hours: [], slots, time_zone, price: { amount: 30_00, currency: 'AED' } })
    return { email, api: theirs }
  }
  throw new Error('nobody else can it')
}
