import { another, connected, devices, noted, pair, receives, say, seconds, stands, tenant, wires } from './talk'
import { accessible, expect, person, test, type Page } from './world'

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...devices] })
  },
})

const shots = process.env.WAYMEET_SHOTS
const words = say.call.second

type Earned = { items: { id: string; charged_s: number; part?: { amount: number } }[] }
type Told = { charged_s?: number; cost?: { amount: number } }

/** Both of a page's connections carry frames. */
const hearsTwo = async (page: Page) => {
  const before = (await wires(page)).map((w) => w.frames)
  await expect.poll(async () => (await wires(page)).filter((w, i) => w.frames > (before[i] ?? 0) + 5).length, { message: 'frames come in from two' }).toBe(2)
}

/** Some seconds are counted. */
const talksOn = async (page: Page) => {
  const before = await seconds(page)
  await expect.poll(() => seconds(page)).toBeGreaterThan(before + 2)
}

test('a second expert is refused, then comes beside the first: all three see and hear each other, the client pays no more, and sends them away', async ({ browser }) => {
  const { client, expert, api } = await pair(browser)
  const { email, api: theirs } = await another(api)
  const second = await person(browser, 'expert', { tenant, email, phone: true })
  await noted(second)
  const session = await connected(client, expert, api)
  await Promise.all([receives(client), receives(expert)])
  await second.goto('/practice')
  await expect(second.getByTestId('link')).toHaveAttribute('data-state', 'current')
  await theirs.post('/v1/me/practice/intent', { intent: 'available' })

  const ask = async () => {
    await expert.getByRole('button', { name: say.call.transfer.control }).click()
    await expert.getByRole('radio', { name: words.choice }).check()
    await expert.getByLabel(say.call.transfer.note).fill('What does the deposit cost?')
    await accessible(expert, 'whom to bring in')
    await expert.getByRole('dialog').getByRole('button', { name: say.call.transfer.ask }).click()
  }
  await ask()
  await expect(client.getByTestId('second')).toContainText(words.asked.client)
  await expect(second.getByTestId('ring')).toContainText('What does the deposit cost?')
  await expect(second.getByTestId('ring')).toContainText(say.practice.beside)
  await client.getByTestId('second').getByRole('button', { name: words.back.client }).click()
  await expect(second.getByTestId('ring')).toHaveCount(0)
  await expect(expert.getByTestId('second')).toHaveCount(0)

  await ask()
  await second.getByTestId('accept').click()
  await expect(second).toHaveURL(new RegExp(`/practice/session/${session}$`))
  await expect(client.getByTestId('second')).toContainText(/has joined you/)
  await Promise.all([hearsTwo(client), hearsTwo(expert), hearsTwo(second)])
  await expect(client.locator('[data-picture=second]')).toBeVisible()
  await Promise.all([accessible(client, 'with a second expert'), accessible(second, 'beside another')])
  await Promise.all([shot(client, 'second-client'), shot(expert, 'second-expert'), shot(second, 'second-beside')])
  await Promise.all([stands(client, 'live'), stands(expert, 'live')])

  // Whoever was away finds the way back; the two talk on meanwhile.
  await second.goto('/practice')
  await second.getByTestId('going').click()
  await hearsTwo(second)
  await talksOn(client)

  await client.getByTestId('second').getByRole('button', { name: words.away }).click()
  await expect(second.getByText(say.call.supervise.ended)).toBeVisible()
  await expect(client.getByTestId('second')).toHaveCount(0)
  await expect(client.locator('[data-picture=second]')).toHaveCount(0)
  await Promise.all([receives(client), receives(expert)])

  // Once more, and they leave by themselves.
  await ask()
  await second.goto('/practice')
  await second.getByTestId('accept').click()
  await hearsTwo(second)
  await talksOn(client)
  await second.getByRole('button', { name: say.call.supervise.leave }).click()
  await expect(second).toHaveURL(/\/practice$/)
  await expect(expert.getByTestId('second')).toHaveCount(0)
  await Promise.all([receives(client), receives(expert)])

  await client.getByRole('button', { name: say.call.end, exact: true }).click()
  await client.getByRole('dialog').getByRole('button', { name: say.call.endNow }).click()
  await expect(client.getByTestId('receipt')).toBeVisible()
  const told = await api.get<Told>(`/v1/sessions/${session}`)
  expect(told.cost?.amount).toBe(100 * (told.charged_s ?? 0)) // 60.00 a minute, whoever else was there
  await expect
    .poll(async () => (await theirs.get<Earned>('/v1/me/practice/earnings?limit=2')).items.filter((i) => i.charged_s > 0 && i.part?.amount === 40 * i.charged_s).length, { message: 'four fifths of 30.00 a minute, for their seconds' })
    .toBe(2)
  await api.post(`/v1/sessions/${session}/done`)
  await theirs.post('/v1/me/practice/intent', { intent: 'off' })
  for (const page of [client, expert, second]) await page.context().close()
})

const shot = async (page: Page, what: string) => {
  if (shots) await page.screenshot({ path: `${shots}/${what}.png` })
}
