import { accessible, Api, byHand, expect, person, test, words, type Page } from './world'

// A client and an expert, each in a browser of their own with a camera and a microphone that are not real, on two nodes.
test.use({
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: [...(launchOptions.args ?? []), '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--auto-accept-this-tab-capture', '--autoplay-policy=no-user-gesture-required'] })
  },
})

const tenant = 'majlis'
const say = words('en')
const shots = process.env.WAYMEET_SHOTS

type Sets = { set: Record<string, { d: Record<string, unknown> }> }
type Heard = { connections: number; bytes: number; frames: number; screen: number; relayed: boolean }

/** The page's connections are noted as they are made, so that the browser itself can be asked what came in. */
async function noted(page: Page): Promise<void> {
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

const heard = (page: Page): Promise<Heard> =>
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

const receives = async (page: Page) => {
  const before = await heard(page)
  await expect.poll(async () => (await heard(page)).frames - before.frames, { message: 'frames come in' }).toBeGreaterThan(10)
  await expect.poll(async () => (await heard(page)).bytes - before.bytes, { message: 'bytes come in' }).toBeGreaterThan(5_000)
}
const seconds = async (page: Page) => Number(await page.getByTestId('meter').getAttribute('data-seconds'))
const stands = (page: Page, state: string) => expect(page.getByTestId('call')).toHaveAttribute('data-state', state)

/** The client asks, the expert is rung and accepts: both are in the call. */
async function connected(client: Page, expert: Page, api: Api, card = false, look: (what: string) => Promise<void> = async () => undefined): Promise<string> {
  await client.goto('/advice')
  await client.getByRole('radio', { name: /Company set-up/ }).check({ force: true })
  await client.getByRole('radio', { name: say.ask.modalities.video }).check({ force: true })
  await look('describe')
  await client.getByRole('button', { name: say.ask.next }).click()
  await client.getByLabel(/The most that a minute/).fill('60')
  await client.getByRole('radio', { name: card ? /^Card/ : say.ask.wallet }).check({ force: true })
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

async function pair(browser: Parameters<typeof person>[0]): Promise<{ client: Page; expert: Page; api: Api; purse: Api }> {
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

test('a client and an expert see and hear each other; the meter stands while one is away; what it counted is paid', async ({ browser }) => {
  const { client, expert, api, purse } = await pair(browser)
  const look = async (what: string) => {
    await accessible(client, what)
    if (shots) await client.screenshot({ path: `${shots}/advice-${what}.png`, fullPage: true })
  }
  const session = await connected(client, expert, api, true, look)
  await Promise.all([receives(client), receives(expert)])
  await look('call')
  await accessible(expert, 'the expert’s call')

  // What one writes is there at once, and unread where nobody looks.
  await expert.getByRole('button', { name: say.call.chat, exact: true }).click()
  await expert.getByRole('textbox', { name: say.call.write }).fill('Which form do you have?')
  await expert.keyboard.press('Enter')
  await expect(expert.getByRole('log')).toContainText('Which form do you have?')
  await client.getByRole('button', { name: say.call.chatNew.replace('{{n}}', '1') }).click()
  await expect(client.getByRole('log')).toContainText('Which form do you have?')
  await look('chat')
  await client.getByRole('button', { name: say.call.chat, exact: true }).click()
  await expect(client.getByRole('log')).toHaveCount(0)

  // What one shows takes the place of their picture at the other's, without a new connection.
  await client.getByRole('button', { name: say.call.share, exact: true }).click()
  await expect(expert.locator('[data-picture=screen]')).toBeVisible()
  await expect.poll(async () => (await heard(expert)).screen).toBeGreaterThan(3)
  expect((await heard(expert)).connections).toBe(1)
  if (shots) await expert.screenshot({ path: `${shots}/advice-screen.png` })
  await client.getByRole('button', { name: say.call.unshare, exact: true }).click()
  await expect(expert.locator('[data-picture=screen]')).toHaveCount(0)

  // One is away for ten seconds. The meter stands from the third, and nothing flows meanwhile.
  await client.context().setOffline(true)
  await stands(expert, 'reconnecting')
  await expect.poll(async () => (await heard(expert)).connections).toBe(0)
  await expect.poll(async () => (await heard(client)).connections).toBe(0)
  const stood = await seconds(expert)
  await expect(expert.getByTestId('meter')).toHaveAttribute('data-running', 'false')
  await expect(client.getByTestId('meter')).toHaveAttribute('data-running', 'false') // nor does it seem to run where nobody is heard
  if (shots) await client.screenshot({ path: `${shots}/advice-away.png` })
  await expert.waitForTimeout(6_000)
  expect(await seconds(expert)).toBe(stood)
  await client.context().setOffline(false)
  await Promise.all([stands(client, 'live'), stands(expert, 'live')])
  expect(await seconds(expert)).toBeLessThanOrEqual(stood + 4)
  await Promise.all([receives(client), receives(expert)])

  // Over: what the meter counted is charged, to the last minor unit, and both read the same.
  await client.getByRole('button', { name: say.call.end, exact: true }).click()
  await accessible(client, 'ending')
  await client.getByRole('dialog').getByRole('button', { name: say.call.endNow }).click()
  await expect(client.getByTestId('receipt')).toBeVisible()
  await expect(expert.getByTestId('wrap-up')).toBeVisible()
  const done = await api.get<{ billed_s: number; charged_s: number; cost: { amount: number }; rate: { amount: number } }>(`/v1/sessions/${session}`)
  expect(done.charged_s).toBeGreaterThanOrEqual(stood)
  expect(done.cost.amount).toBe(Math.floor((done.rate.amount * done.charged_s) / 60))
  await expect(client.getByTestId('cost')).toContainText((done.cost.amount / 100).toFixed(2))
  await expect(expert.getByTestId('wrap-up')).toContainText(await client.getByTestId('cost').innerText())
  await look('receipt')
  await api.post(`/v1/sessions/${session}/done`)
  const paid = async () => (await purse.get<{ items: { subject: string; status: string; captured: { amount: number } }[] }>('/v1/me/payments')).items[0]
  await expect.poll(async () => (await paid())?.captured.amount).toBe(done.cost.amount)
  expect((await paid())?.subject).toMatch(/^session\//)

  await client.getByRole('radio', { name: '5 stars' }).check({ force: true })
  await client.getByRole('button', { name: say.rate.send }).click()
  await expect(client.getByText(say.rate.thanks)).toBeVisible()
  await client.context().close()
  await expert.context().close()
})

test('where nobody may learn of another’s address, both see and hear each other through the relay alone', async ({ browser }) => {
  byHand('media', 'set', '--tenant', tenant, '--provider', 'peer', '--relay-only')
  const { client, expert, api } = await pair(browser)
  const session = await connected(client, expert, api).finally(() => byHand('media', 'set', '--tenant', tenant, '--provider', 'peer')) // a conversation keeps what it began with
  await Promise.all([receives(client), receives(expert)])
  for (const page of [client, expert]) expect((await heard(page)).relayed).toBe(true)
  await api.post(`/v1/sessions/${session}/end`)
  await expect(client.getByTestId('receipt')).toBeVisible()
  await api.post(`/v1/sessions/${session}/done`)
  await client.context().close()
  await expert.context().close()
})
