import { connected, devices, pair, receives, say, seconds, stands, tenant } from './talk'
import { expect, test, typed, byHand, world, type Page } from './world'

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

  await api.post(`/v1/sessions/${session}/end`)
  await expect(client.getByTestId('receipt')).toBeVisible()
  await api.post(`/v1/sessions/${session}/done`)
  byHand('media', 'set', '--tenant', tenant, '--provider', 'peer') // whoever leaves a server ends the calls that it carries
  await client.context().close()
  await expert.context().close()
})
