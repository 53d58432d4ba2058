import { connected, devices, pair, say } from './talk'
import { accessibleEverywhere, expect, person, test, type Page } from './world'

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...devices] })
  },
})

const shots = process.env.WAYMEET_SHOTS
const tenant = 'majlis'

/** The only one in a list is taken out of it with the keyboard; the list is where one reads on. */
async function takeOut(page: Page, mark: 'favourites' | 'blocks') {
  const list = page.getByTestId(mark)
  await list.getByRole('listitem').getByRole('button').press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: say.people[mark].remove, exact: true }).press('Enter')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(list.getByText(say.people[mark].none)).toBeVisible()
  await expect(list.getByRole('heading')).toBeFocused()
  await page.reload()
  await expect(list.getByText(say.people[mark].none)).toBeVisible()
}

test('whom one keeps or blocks after a call is found from home, and taken back', async ({ browser }) => {
  const { client, expert, api, purse } = await pair(browser)
  const session = await connected(client, expert, api)
  await api.post(`/v1/sessions/${session}/end`)
  await client.getByRole('button', { name: say.after.favour }).click()
  await expect(client.getByRole('button', { name: say.after.favourite })).toBeVisible()
  await api.post(`/v1/sessions/${session}/done`)

  await client.getByRole('link', { name: say.rate.home }).click()
  await client.getByRole('link', { name: say.people.title }).click()
  await expect(client.getByTestId('favourites').getByRole('listitem')).toHaveCount(1)
  await accessibleEverywhere(client, 'favourites')
  if (shots) {
    await client.screenshot({ path: `${shots}/people-en-desk.png` })
    for (const [lang, theme, phone] of [['fr', 'dark', true], ['fr', 'light', true], ['ar', 'dark', true], ['ar', 'light', true], ['ar', 'light', false]] as const) {
      const other = await person(browser, 'client', { tenant, lang, theme, phone })
      await other.goto('/advice/people')
      await expect(other.getByTestId('favourites').getByRole('listitem')).toHaveCount(1)
      await other.screenshot({ path: `${shots}/people-${lang}-${theme}-${phone ? 'phone' : 'desk'}.png`, fullPage: true })
      await other.getByRole('listitem').getByRole('button').click()
      await other.screenshot({ path: `${shots}/people-${lang}-${theme}-${phone ? 'phone' : 'desk'}-sure.png`, animations: 'disabled' })
      await other.context().close()
    }
  }
  await takeOut(client, 'favourites')

  for (const [page, of, mine] of [[client, purse, '/advice/people'], [expert, api, '/practice/profile']] as const) {
    await of.post(`/v1/sessions/${session}/block`)
    await page.goto(mine)
    if (page === expert) await page.getByRole('link', { name: 'Whom I blocked' }).click()
    await expect(page.getByTestId('blocks').getByRole('listitem')).toHaveCount(1)
    await accessibleEverywhere(page, 'blocks')
    if (shots) await page.screenshot({ path: `${shots}/blocks-${page === expert ? 'expert' : 'client'}.png` })
    await takeOut(page, 'blocks')
    expect((await of.get<{ items: unknown[] }>('/v1/me/blocks')).items).toEqual([])
  }
  await client.context().close()
  await expert.context().close()
})
