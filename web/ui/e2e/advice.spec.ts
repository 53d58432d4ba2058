import { readFileSync } from 'node:fs'
import { connected, devices, heard, pair, receives, say, seconds, stands, tenant } from './talk'
import { accessible, byHand, expect, test } from './world'

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
