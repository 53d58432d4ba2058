import { another, connected, devices, noted, pair, receives, say, seconds, stands, tenant } from './talk'
import { accessible, expect, person, test, type Page } from './world'

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...devices] })
  },
})

const shots = process.env.WAYMEET_SHOTS
const words = say.call.transfer

type Told = { state: string; reason?: string; charged_s?: number; cost?: { amount: number }; transfer?: { state: string; session?: string } }

test('a client talks on with the first expert until the second is there, then with the second; each is paid for their own seconds', async ({ browser }) => {
  const { client, expert, api, purse } = await pair(browser)
  const { email, api: theirs } = await another(api)
  const second = await person(browser, 'expert', { tenant, email })
  await noted(second)

  const session = await connected(client, expert, api)
  await Promise.all([receives(client), receives(expert)])
  await second.goto('/practice')
  await expect(second.getByTestId('link')).toHaveAttribute('data-state', 'current')
  await theirs.post('/v1/me/practice/intent', { intent: 'available' })

  const ask = async (to: RegExp) => {
    await expert.getByRole('button', { name: words.control }).click()
    const menu = expert.getByTestId('transfer-to')
    await menu.selectOption({ label: await menu.locator('option', { hasText: to }).first().innerText() })
    await expert.getByLabel(words.note).fill('The licence is from 2024')
    await accessible(expert, 'whom to hand over to')
    await shot(expert, 'transfer-ask')
    await expert.getByRole('dialog').getByRole('button', { name: words.ask }).click()
  }

  // The client would rather stay: whoever is rung stops, and nothing else has changed.
  await ask(/Company set-up/)
  await expect(client.getByTestId('transfer')).toContainText(words.asked.client)
  await expect(second.getByTestId('ring')).toContainText('The licence is from 2024')
  await accessible(client, 'who is handed over')
  await shot(client, 'transfer-client')
  await shot(expert, 'transfer-expert')
  await client.getByTestId('transfer').getByRole('button', { name: words.back.client }).click()
  await expect(second.getByTestId('ring')).toHaveCount(0)
  await expect(client.getByTestId('transfer')).toHaveCount(0)
  await Promise.all([stands(client, 'live'), stands(expert, 'live')])

  // The second time they come: the meter of the first runs until then.
  await ask(/Company set-up/)
  await expect(second.getByTestId('ring')).toBeVisible()
  const before = await seconds(client)
  await expect.poll(() => seconds(client)).toBeGreaterThan(before)
  await second.getByTestId('accept').click()
  await expect(expert.getByTestId('wrap-up')).toContainText('The client went on to another expert.')
  await Promise.all([stands(client, 'live'), stands(second, 'live')])
  await Promise.all([receives(client), receives(second)])
  await shot(client, 'transfer-second')
  const first = await api.get<Told>(`/v1/sessions/${session}`)
  const next = first.transfer?.session ?? ''
  expect(first.reason).toBe('transferred')
  expect(first.transfer?.state).toBe('done')
  expect(first.cost?.amount).toBe(100 * (first.charged_s ?? 0)) // 60.00 a minute
  expect(new URL(client.url()).pathname).toBe(`/advice/sessions/${next}`)

  await client.getByRole('button', { name: say.call.end, exact: true }).click()
  await client.getByRole('dialog').getByRole('button', { name: say.call.endNow }).click()
  await expect(client.getByTestId('receipt')).toBeVisible()
  const last = await theirs.get<Told>(`/v1/sessions/${next}`)
  expect(last.charged_s).toBeGreaterThan(0)
  expect(last.cost?.amount).toBe(50 * (last.charged_s ?? 0)) // 30.00 a minute
  await api.post(`/v1/sessions/${session}/done`)
  await theirs.post(`/v1/sessions/${next}/done`)
  const held = async () => {
    const w = await purse.get<{ balance: { amount: number }; available: { amount: number } }>('/v1/me/wallet')
    return w.balance.amount - w.available.amount
  }
  await expect.poll(held, { message: 'nothing is held any more' }).toBe(0)
  await client.goto(`/advice/sessions/${session}`)
  await expect(client.getByRole('link', { name: say.rate.goesOn })).toBeVisible()
  await shot(client, 'transfer-receipt')
  await theirs.post('/v1/me/practice/intent', { intent: 'off' })
  for (const page of [client, expert, second]) await page.context().close()
})

const shot = async (page: Page, what: string) => {
  if (shots) await page.screenshot({ path: `${shots}/${what}.png` })
}
