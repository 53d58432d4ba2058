import { asks, devices, pair, receives, say, stands, tenant } from './talk'
import { accessibleEverywhere, Api, expect, login, person, test, words as vocabulary, type Page } from './world'

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...devices] })
  },
})

const shots = process.env.WAYMEET_SHOTS
const words = say.queues

test('an expert turns available and a client asks: the board shows them wait, ring, talk and be over, of itself', async ({ browser }) => {
  const { client, expert, api } = await pair(browser)
  await api.post('/v1/me/practice/intent', { intent: 'off' })
  await expect(expert.getByTestId('state')).toHaveAttribute('data-state', 'off')
  const boss = await person(browser, 'supervisor', { tenant })
  const asker = 'Noura Al Suwaidi'
  const giver = 'Dr Layla Haddad'
  const board = await boardOf(boss, 'Company set-up')
  const { waiting, talking, doing } = parts(board)
  await expect(waiting).toHaveCount(0)
  await expect(talking).toHaveCount(0)
  let loads = 0
  boss.on('load', () => loads++)

  await expert.getByRole('radio', { name: say.practice.intent.available }).click()
  await expect(expert.getByTestId('state')).toHaveAttribute('data-state', 'ready')
  await expect(doing(words.doing.free)).toContainText(giver)

  await asks(client)
  const ring = expert.getByTestId('ring')
  await expect(ring).toBeVisible()
  await expect(waiting).toHaveCount(1)
  await expect(waiting).toContainText([asker])
  await expect(waiting).toContainText([giver])
  await expect(doing(words.doing.ringing)).toContainText(giver)
  await expect(ring.getByTestId('ring-pay')).toContainText('60.00')
  const left = async () => Number(await ring.getByTestId('ring-left').innerText())
  const first = await left()
  expect(first).toBeGreaterThan(0)
  expect(first).toBeLessThanOrEqual(20) // what the queue gives
  await expect.poll(left, { message: 'the countdown' }).toBeLessThan(first)
  await shot(boss, 'board-rung')
  await shot(expert, 'board-ring-card')

  await ring.getByTestId('accept').click()
  await Promise.all([stands(client, 'live'), stands(expert, 'live')])
  await expect(waiting).toHaveCount(0)
  await expect(talking).toHaveCount(1)
  for (const what of [asker, giver, words.sessionState.live, words.hears.good]) await expect(talking).toContainText([what])
  await expect(doing(words.doing.talking)).toContainText(giver)
  await Promise.all([receives(client), receives(expert)])
  await accessibleEverywhere(boss, 'the board')
  await shot(boss, 'board-live')

  await client.getByRole('button', { name: say.call.end, exact: true }).click()
  await client.getByRole('dialog').getByRole('button', { name: say.call.endNow }).click()
  await expect(client.getByTestId('receipt')).toBeVisible()
  await expect(expert.getByTestId('wrap-up')).toHaveAttribute('data-state', 'wrap_up')
  await expect(talking).toContainText([words.sessionState.wrap_up])
  await expert.getByTestId('done').click()
  await expect(talking).toHaveCount(0)
  await expect(doing(words.doing.free)).toContainText(giver)
  expect(loads, 'nobody reloaded the board').toBe(0)

  // What it brought is the newest of what they earned.
  type Earned = { items: { part?: { amount: number }; cost: { amount: number } }[] }
  const earned = async () => (await api.get<Earned>('/v1/me/practice/earnings')).items[0]
  await expect.poll(async () => (await earned())?.part?.amount).toBeGreaterThan(0)
  const part = (await earned())?.part?.amount ?? 0
  expect(part).toBeLessThanOrEqual((await earned())?.cost.amount ?? 0)
  await expert.getByRole('link', { name: say.practice.earnings }).first().click()
  await expect(expert.getByRole('list', { name: say.practice.sessions }).getByRole('listitem').first()).toContainText((part / 100).toFixed(2))
  await api.post('/v1/me/practice/intent', { intent: 'off' })
  await expect(doing(words.doing.free)).toHaveCount(0)
  for (const page of [client, expert, boss]) await page.context().close()
})

test('who waits is put first, moved, and let into the overflow: each board shows it of itself', async ({ browser }) => {
  const clients = [await waits('client001', 'Visas and residence'), await waits('client002', 'Visas and residence')]
  const [one, two] = clients.map((c) => c.request) as [string, string]
  const [boss, other] = [await person(browser, 'supervisor', { tenant }), await person(browser, 'supervisor', { tenant, node: 1 })]
  const board = await boardOf(boss, 'Visas and residence')
  const order = (page: Page) => page.locator('[data-row]').evaluateAll((rows) => rows.map((r) => r.getAttribute('data-row')))
  const inOrder = (page: Page, ...ids: string[]) => expect.poll(() => order(page)).toEqual(ids)
  const panel = boss.getByRole('dialog')
  await inOrder(boss, one, two)

  await board.locator(`[data-row="${two}"]`).click()
  await panel.getByRole('button', { name: words.sooner }).click()
  await expect(panel).toContainText(words.priorityIs.replace('{{n}}', '1'))
  await accessibleEverywhere(boss, 'one who waits')
  await boss.keyboard.press('Escape')
  await inOrder(boss, two, one)
  await everywhere(browser, 'board', async (page) => void (await boardOf(page, 'Visas and residence')))

  await boardOf(other, 'Property')
  await inOrder(other)
  await board.locator(`[data-row="${two}"]`).click()
  await panel.getByRole('combobox', { name: words.moveTo }).selectOption({ label: 'Property' })
  await panel.getByRole('button', { name: words.move, exact: true }).click()
  await inOrder(boss, one)
  await inOrder(other, two)

  await boardOf(other, 'Front desk')
  await inOrder(other)
  await boss.getByRole('button', { name: words.spill }).click()
  await panel.getByRole('button', { name: words.spillSubmit }).click()
  await expect(panel.getByRole('status')).toHaveText(words.spilt.replace('{{into}}', 'Front desk').replace('{{n}}', '1'))
  await panel.getByRole('button', { name: 'Close', exact: true }).last().click()
  await inOrder(boss)
  await inOrder(other, one)

  for (const c of clients) await c.api.post(`/v1/requests/${c.request}/cancel`)
  await inOrder(other)
  for (const page of [boss, other]) await page.context().close()
})

test('a queue’s holidays and who runs it alone are set where its rules are', async ({ browser }) => {
  const admin = await person(browser, 'admin', { tenant })
  const sheet = admin.getByRole('dialog')
  const rules = async (page: Page, lang: string) => {
    await boardOf(page, 'Property')
    await page.getByRole('button', { name: vocabulary(lang).queues.rules, exact: true }).click()
    await expect(page.getByRole('dialog').locator('input[type=date]').first()).toBeVisible()
  }
  await boardOf(admin, 'Property')
  await admin.getByRole('button', { name: words.rules, exact: true }).click()
  const days = sheet.getByRole('group', { name: words.notAs }).getByRole('listitem')
  for (const n of [1, 2]) {
    await sheet.getByRole('button', { name: say.practice.addDay }).click()
    await expect(days).toHaveCount(n)
  }
  await days.nth(1).getByRole('checkbox').uncheck() // open, at other hours
  await days.nth(1).getByLabel(say.practice.from).fill('10:00')
  await days.nth(1).getByLabel(say.practice.until).fill('14:30')
  await accessibleEverywhere(admin, 'a queue’s rules')
  await sheet.getByRole('button', { name: words.save, exact: true }).click()
  await expect(sheet).toBeHidden()

  await rules(admin, 'en')
  await expect(days.nth(0).getByRole('checkbox')).toBeChecked()
  await expect(days.nth(1).getByLabel(say.practice.until)).toHaveValue('14:30')
  await sheet.getByLabel(words.runsEmail).fill('expert001@majlis.example')
  await sheet.getByRole('button', { name: words.runsAdd, exact: true }).click()
  const runs = sheet.getByTestId('supervisors').getByRole('listitem')
  await expect(runs).toContainText(['expert001@majlis.example'])
  await everywhere(browser, 'rules', async (page, lang) => {
    await rules(page, lang)
    await expect(page.getByTestId('supervisors')).toBeVisible()
  }, 'admin')
  await runs.getByRole('button').click()
  await expect(runs).toHaveCount(0)
  for (const n of [1, 0]) {
    await days.first().getByRole('button').click()
    await expect(days).toHaveCount(n)
  }
  await sheet.getByRole('button', { name: words.save, exact: true }).click()
  await expect(sheet).toBeHidden()
  await admin.context().close()
})

/** The board of the queue of that name, live. */
async function boardOf(page: Page, queue: string) {
  if (!new URL(page.url()).pathname.startsWith('/queues')) await page.goto('/queues')
  await page.getByRole('button', { name: new RegExp(`^${queue}`) }).click()
  const board = page.getByTestId('board')
  await expect(board.getByRole('heading', { level: 1, name: queue })).toBeVisible()
  return board
}

function parts(board: ReturnType<Page['getByTestId']>) {
  const rows = (name: string) => board.getByRole('region', { name, exact: true }).locator('tbody tr')
  return { waiting: rows(words.waiting), talking: rows(words.sessions), doing: (what: string) => board.locator('details').filter({ has: board.page().locator('summary', { hasText: what }) }) }
}

/** One of the demonstration's clients asks for a video call, with money of their wallet. */
async function waits(who: string, queue: string) {
  const api = await Api.signedIn({ ...login('client', tenant), email: `${who}@majlis.example` })
  const { items } = await api.get<{ items: { id: string; name: string }[] }>('/v1/queues')
  const { funds } = await api.post<{ funds: string }>('/v1/requests/funds', { ceiling: 10_00, minutes: 5, pay: 'wallet' })
  const { id } = await api.post<{ id: string }>('/v1/requests', { queue: items.find((q) => q.name === queue)?.id, needs: [], languages: ['en'], modality: 'video', funds })
  return { api, request: id }
}

const shot = async (page: Page, what: string) => {
  if (shots) await page.screenshot({ path: `${shots}/${what}.png` })
}

/** Screenshots for whoever looks: a phone and a desk, read from either side, light and dark. */
async function everywhere(browser: Parameters<typeof person>[0], what: string, go: (page: Page, lang: string) => Promise<void>, role = 'supervisor') {
  if (!shots) return
  for (const [lang, theme] of [['fr', 'dark'], ['ar', 'light']] as const) {
    const page = await person(browser, role, { tenant, lang, theme })
    await go(page, lang)
    for (const [name, width, height] of [['desk', 1440, 900], ['phone', 390, 844]] as const) {
      await page.setViewportSize({ width, height })
      await page.screenshot({ path: `${shots}/${what}-${lang}-${name}.png` })
      if (role !== 'admin') continue
      for (const part of ['input[type=date]', '[data-testid=supervisors]']) {
        await page.locator(part).first().scrollIntoViewIfNeeded()
        await page.screenshot({ path: `${shots}/${what}-${lang}-${name}-${part.includes('date') ? 'days' : 'runs'}.png` })
      }
    }
    await page.context().close()
  }
}
