import { readFileSync } from 'node:fs'
import { connected, devices, heard, noted, pair, receives, say, seconds, stands, steady, tenant, wires } from './talk'
import { accessible, accessibleEverywhere, byHand, expect, person, test, type Page } from './world'

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...devices] })
  },
})

const shots = process.env.WAYMEET_SHOTS

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
  // A file is there for both, and comes back as it was.
  await client.getByTestId('file').setInputFiles({ name: 'contrat signé.txt', mimeType: 'text/plain', buffer: Buffer.from('Fait à Casablanca') })
  await expect(client.getByRole('log').getByRole('button', { name: /contrat signé/ })).toBeVisible()
  const [got] = await Promise.all([expert.waitForEvent('download'), expert.getByRole('log').getByRole('button', { name: /contrat signé/ }).click()])
  expect(got.suggestedFilename()).toBe('contrat signé.txt')
  expect(readFileSync(await got.path(), 'utf8')).toBe('Fait à Casablanca')
  await client.getByTestId('file').setInputFiles({ name: 'a.html', mimeType: 'text/html', buffer: Buffer.from('<!DOCTYPE html><script>alert(1)</script>') })
  await expect(client.getByRole('alert')).toBeVisible()
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

  await client.getByRole('radio', { name: '5 stars' }).check()
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

/** What a phone does to a page's microphone when somebody calls: it mutes it for as long as the call lasts, or takes it for good. */
const phone = (page: Page, does: 'mute' | 'unmute' | 'ended') =>
  page.evaluate((what) => {
    const mic = (window as unknown as { mics: MediaStreamTrack[] }).mics.at(-1)
    if (!mic) throw new Error('the page has no microphone')
    if (what === 'ended') mic.stop()
    mic.dispatchEvent(new Event(what))
  }, does)

test('a phone call comes in: the meter stands, the other is told why, and the microphone comes back to the same conversation', async ({ browser }) => {
  const { client, expert, api } = await pair(browser)
  await client.addInitScript(() => {
    const mics: MediaStreamTrack[] = []
    Object.assign(window, { mics })
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await real(wanted)
      mics.push(...stream.getAudioTracks())
      return stream
    }
  })
  const session = await connected(client, expert, api)
  await Promise.all([receives(client), receives(expert)])
  for (const does of ['mute', 'ended'] as const) {
    await phone(client, does)
    await Promise.all([stands(client, 'interrupted'), stands(expert, 'interrupted')])
    await expect(client.getByText(say.call.takenHere)).toBeVisible()
    await expect(expert.getByText(say.call.takenThere)).toBeVisible()
    await expect.poll(async () => (await heard(expert)).connections).toBe(0) // nobody is listened to while nobody pays
    const stood = await seconds(expert)
    if (shots) await expert.screenshot({ path: `${shots}/advice-${does}.png` })
    if (does === 'mute') {
      await accessible(client, 'a phone call')
      expect(await seconds(expert)).toBe(stood)
      await phone(client, 'unmute')
    } // a microphone that was taken for good is asked for again by the page
    await Promise.all([stands(client, 'live'), stands(expert, 'live')])
    expect(await seconds(expert)).toBeLessThanOrEqual(stood + 4)
    await Promise.all([receives(client), receives(expert)])
  }
  expect((await api.get<{ state: string }>(`/v1/sessions/${session}`)).state).toBe('live')
  await api.post(`/v1/sessions/${session}/end`)
  await expect(client.getByTestId('receipt')).toBeVisible()
  await api.post(`/v1/sessions/${session}/done`)
  await client.context().close()
  await expert.context().close()
})

/** Each of a page's connections brings something in. */
const eachBrings = async (page: Page, n: number) => {
  await expect.poll(async () => (await wires(page)).length, { message: `${n} connections` }).toBe(n)
  const before = await wires(page)
  await expect.poll(async () => (await wires(page)).filter((w, i) => w.frames > (before[i]?.frames ?? 0) + 5 && w.bytes > (before[i]?.bytes ?? 0) + 5_000).length, { message: 'frames come in of each' }).toBe(n)
}

test('a supervisor listens, takes part and leaves: both are told of it, nobody hears who only listens, and the meter runs on', async ({ browser }) => {
  const { client, expert, api } = await pair(browser)
  const session = await connected(client, expert, api)
  await Promise.all([receives(client), receives(expert)])
  const told = (who: string, times: number) => Promise.all([client, expert].map((page) => expect(page.getByTestId(`supervised-${who}`)).toHaveCount(times)))
  const ways = say.call.supervise

  const boss = await person(browser, 'supervisor', { tenant })
  await noted(boss)
  await boss.goto('/queues')
  const [began, stood] = [Date.now(), await seconds(client)]
  const unsteady = await Promise.all([steady(client), steady(expert)])
  await boss.getByRole('button', { name: /Company set-up/ }).click()
  await boss.getByTestId('listen').click()
  await told('observer', 1)
  await expect(boss.getByTestId('stage')).toHaveAttribute('data-connection', 'connected')
  await eachBrings(boss, 2)
  for (const side of ['client', 'expert']) await expect(boss.locator(`[data-picture=${side}]`)).toBeVisible()
  expect((await wires(boss)).map((w) => w.sent)).toEqual([0, 0])
  for (const page of [client, expert]) expect((await wires(page)).map((w) => w.bytes > 0)).toEqual([true, false])
  await expect(boss.getByRole('button', { name: ways.whisper })).toHaveCount(0) // browsers cannot
  await accessibleEverywhere(boss, 'listening')
  await accessible(client, 'the call that is listened to')
  if (shots) {
    await client.screenshot({ path: `${shots}/listen-client.png` })
    await boss.screenshot({ path: `${shots}/listen-desk.png` })
    await boss.setViewportSize({ width: 390, height: 844 })
    await boss.screenshot({ path: `${shots}/listen-phone.png` })
    await boss.setViewportSize({ width: 1440, height: 900 })
  }

  // What is written they read, and cannot answer.
  await expert.getByRole('button', { name: say.call.chat, exact: true }).click()
  await expert.getByRole('textbox', { name: say.call.write }).fill('Which form do you have?')
  await expert.keyboard.press('Enter')
  await boss.getByRole('button', { name: say.call.chatNew.replace('{{n}}', '1') }).click()
  await expect(boss.getByRole('log')).toContainText('Which form do you have?')
  await expect(boss.getByRole('textbox')).toHaveCount(0)

  // A page that comes anew is one connection more, for each; the two keep theirs.
  await boss.reload()
  await eachBrings(boss, 2)
  for (const page of [client, expert]) await expect.poll(async () => (await wires(page)).length).toBe(2)

  // Heard by both while they take part, and by nobody after.
  await boss.getByRole('button', { name: ways.barge }).click()
  await told('supervisor', 1)
  await told('observer', 0)
  for (const page of [client, expert]) await expect.poll(async () => (await wires(page))[1]?.bytes, { message: 'the supervisor is heard' }).toBeGreaterThan(3_000)
  await accessibleEverywhere(boss, 'taking part')
  await boss.getByRole('button', { name: say.call.chatNew.replace('{{n}}', '1') }).click() // nobody has read it on this page
  await boss.getByRole('textbox', { name: say.call.write }).fill('Form 7 is enough')
  await boss.keyboard.press('Enter')
  await expect(expert.getByRole('log')).toContainText('Form 7 is enough')
  if (shots) {
    await boss.screenshot({ path: `${shots}/barge-desk.png` })
    await expert.screenshot({ path: `${shots}/barge-expert.png` })
  }
  await boss.getByRole('button', { name: ways.listen }).click()
  await told('observer', 1)
  const silent = (await wires(boss)).map((w) => w.sent)
  await boss.waitForTimeout(2_000)
  expect((await wires(boss)).map((w) => w.sent)).toEqual(silent)

  await boss.getByRole('button', { name: ways.leave }).click()
  await boss.waitForURL(/\/queues\/[^/]+$/)
  await told('observer', 0)
  expect(await wires(boss)).toEqual([])
  for (const page of [client, expert]) await expect.poll(async () => (await wires(page)).length).toBe(1)
  await Promise.all([receives(client), receives(expert)])

  // All the while it ran, and counted each second once.
  for (const seen of unsteady) expect(await seen()).toEqual([])
  expect(Math.abs((await seconds(client)) - stood - (Date.now() - began) / 1000)).toBeLessThan(2.5)

  // The two begin anew: whoever listens follows them.
  await boss.getByTestId('listen').click()
  await eachBrings(boss, 2)
  await client.context().setOffline(true)
  await stands(expert, 'reconnecting')
  await expect.poll(() => wires(boss), { message: 'nothing flows while the meter stands' }).toEqual([])
  await client.context().setOffline(false)
  await Promise.all([stands(client, 'live'), stands(expert, 'live')])
  await eachBrings(boss, 2)
  if (shots) {
    for (const [name, opt] of Object.entries({ 'ar-phone': { lang: 'ar', theme: 'dark', phone: true }, 'fr-desk': { lang: 'fr', theme: 'dark' } })) {
      const other = await person(browser, 'supervisor', { tenant, ...opt })
      await other.goto(`${new URL(boss.url()).pathname}`)
      await expect(other.getByTestId('stage')).toHaveAttribute('data-connection', 'connected')
      await other.waitForTimeout(1_500)
      await other.screenshot({ path: `${shots}/listen-${name}.png` })
      await other.context().close()
    }
  }
  await api.post(`/v1/sessions/${session}/end`)
  await expect(client.getByTestId('receipt')).toBeVisible()
  if (!shots) await expect(boss.getByRole('link', { name: 'To the board' })).toBeVisible()
  await api.post(`/v1/sessions/${session}/done`)
  for (const page of [client, expert, boss]) await page.context().close()
})
