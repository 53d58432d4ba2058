import { another, connected, devices, noted, pair, receives, say, seconds, stands, tenant } from './talk'
import { accessible, expect, person, test, typed, byHand, world, type Page } from './world'

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...devices] })
  },
})

/** How many pictures of a place have been drawn. */
const drawn = (page: Page, what: string) => page.locator(`[data-picture=${what}]`).evaluate((v: HTMLVideoElement) => v.getVideoPlaybackQuality().totalVideoFrames)
const moves = async (page: Page, what: string) => {
  const before = await drawn(page, what)
  await expect.poll(() => drawn(page, what), { message: `${what} moves` }).toBeGreaterThan(before + 5)
}

/** How many voices come in, by what the browser says that it receives. */
const voices = (page: Page) =>
  page.evaluate(async () => {
    const read = async () => {
      const bytes = new Map<string, number>()
      for (const [n, pc] of (window as unknown as { connections: RTCPeerConnection[] }).connections.entries()) {
        if (pc.signalingState === 'closed') continue
        for (const [id, s] of (await pc.getStats()) as unknown as Iterable<[string, Record<string, unknown>]>) if (s.type === 'inbound-rtp' && s.kind === 'audio') bytes.set(`${n} ${id}`, Number(s.bytesReceived ?? 0))
      }
      return bytes
    }
    const before = await read()
    await new Promise((done) => setTimeout(done, 1_000))
    return [...(await read())].filter(([id, n]) => n > (before.get(id) ?? 0) + 500).length
  })

test('through the operator’s LiveKit server a client and an expert see and hear each other, and nothing flows while the meter stands', async ({ browser }) => {
  const { media } = world()
  if (!media) throw new Error('no livekit-server was started')
  typed(`url=${media.url}\nkey_id=${media.id}\nkey=${media.key}\n`, 'media', 'set', '--tenant', tenant, '--provider', 'livekit')
  const { client, expert, api } = await pair(browser)
  const session = await connected(client, expert, api)
  await Promise.all([receives(client), receives(expert)])
  await Promise.all([moves(client, 'camera'), moves(expert, 'camera')])

  // What one shows takes the place of their picture at the other's.
  await client.getByRole('button', { name: say.call.share, exact: true }).click()
  await expect(expert.locator('[data-picture=screen]')).toBeVisible()
  await moves(expert, 'screen')
  await client.getByRole('button', { name: say.call.unshare, exact: true }).click()
  await expect(expert.locator('[data-picture=screen]')).toHaveCount(0)

  // One is away for ten seconds: the other leaves the room as well, the meter stands, and both come back with another entry.
  await client.context().setOffline(true)
  await stands(expert, 'reconnecting')
  await expect(expert.getByTestId('stage')).not.toHaveAttribute('data-connection', 'connected')
  const stood = await seconds(expert)
  await expert.waitForTimeout(6_000)
  expect(await seconds(expert)).toBe(stood)
  await client.context().setOffline(false)
  await Promise.all([stands(client, 'live'), stands(expert, 'live')])
  expect(await seconds(expert)).toBeLessThanOrEqual(stood + 4)
  await Promise.all([receives(client), receives(expert)])

  // A supervisor listens, whispers to the expert, takes part: each hears whom the server lets them hear.
  const boss = await person(browser, 'supervisor', { tenant })
  await noted(boss)
  await boss.goto('/queues')
  await boss.getByRole('button', { name: /Company set-up/ }).click()
  await boss.getByTestId('listen').click()
  await expect(client.getByTestId('supervised-observer')).toBeVisible()
  await Promise.all([moves(boss, 'client'), moves(boss, 'expert')])
  const hear = (page: Page, n: number, what: string) => expect.poll(() => voices(page), { message: what }).toBe(n)
  await hear(boss, 2, 'the supervisor hears both')
  await Promise.all([hear(client, 1, 'the client hears the expert'), hear(expert, 1, 'the expert hears the client')])
  await boss.getByRole('button', { name: say.call.supervise.whisper }).click()
  await expect(client.getByTestId('supervised-whisperer')).toBeVisible()
  await hear(expert, 2, 'the expert hears the whisperer')
  await hear(client, 1, 'the client does not')
  await hear(boss, 2, 'who whispers hears both')
  await accessible(boss, 'whispering')
  await boss.getByRole('button', { name: say.call.supervise.barge }).click()
  await Promise.all([hear(client, 2, 'the client hears who takes part'), hear(expert, 2, 'the expert hears who takes part')])
  await boss.getByRole('button', { name: say.call.supervise.listen }).click()
  await Promise.all([hear(client, 1, 'nobody hears who only listens'), hear(expert, 1, 'nobody hears who only listens')])
  await hear(boss, 2, 'who only listens again hears both')
  await boss.getByRole('button', { name: say.call.supervise.leave }).click()
  await expect(client.getByTestId('supervised-observer')).toHaveCount(0)
  await boss.context().close()

  await api.post(`/v1/sessions/${session}/end`)
  await expect(client.getByTestId('receipt')).toBeVisible()
  await api.post(`/v1/sessions/${session}/done`)
  byHand('media', 'set', '--tenant', tenant, '--provider', 'peer') // whoever leaves a server ends the calls that it carries
  await client.context().close()
  await expert.context().close()
})

test('through LiveKit a client goes from one expert’s room to another’s, and what is carried and counted goes along', async ({ browser }) => {
  const { media } = world()
  if (!media) throw new Error('no livekit-server was started')
  typed(`url=${media.url}\nkey_id=${media.id}\nkey=${media.key}\n`, 'media', 'set', '--tenant', tenant, '--provider', 'livekit')
  const { client, expert, api } = await pair(browser)
  const { email, api: theirs } = await another(api)
  const second = await person(browser, 'expert', { tenant, email })
  await noted(second)
  const session = await connected(client, expert, api)
  await Promise.all([receives(client), receives(expert)])
  await second.goto('/practice')
  await expect(second.getByTestId('link')).toHaveAttribute('data-state', 'current')
  await theirs.post('/v1/me/practice/intent', { intent: 'available' })

  await api.post(`/v1/sessions/${session}/transfer`, { note: 'The licence is from 2024' })
  await second.getByTestId('accept').click()
  await expect(expert.getByTestId('wrap-up')).toBeVisible()
  await Promise.all([stands(client, 'live'), stands(second, 'live')])
  await Promise.all([receives(client), receives(second)])
  await Promise.all([moves(client, 'camera'), moves(second, 'camera')])
  const before = await seconds(client)
  await expect.poll(() => seconds(client), { message: 'the second’s meter runs' }).toBeGreaterThan(before)

  const next = new URL(client.url()).pathname.split('/').at(-1) ?? ''
  expect(next).not.toBe(session)
  await theirs.post(`/v1/sessions/${next}/end`)
  await expect(client.getByTestId('receipt')).toBeVisible()
  await api.post(`/v1/sessions/${session}/done`)
  await theirs.post(`/v1/sessions/${next}/done`)
  await theirs.post('/v1/me/practice/intent', { intent: 'off' })
  byHand('media', 'set', '--tenant', tenant, '--provider', 'peer')
  for (const page of [client, expert, second]) await page.context().close()
})
