import { accessible, accessibleEverywhere, expect, person, test, words } from './world'

const look = (name: string) => `${process.env.WAYMEET_LOOK ?? 'test-results'}/employer-${name}.png`

test('a manager sees what a roster would change, applies it, and sees what is spent', async ({ browser }) => {
  const say = words('en').employer
  const page = await person(browser, 'manager', { lang: 'en' })
  await expect(page.getByRole('heading', { name: say.budgets })).toBeVisible()
  await accessibleEverywhere(page, 'employer overview')
  await page.getByRole('link', { name: say.programmes }).click()
  await expect(page.getByText('60% of the fare')).toBeVisible()
  await accessible(page, 'programmes')

  await page.getByRole('link', { name: say.members }).click()
  await expect(page.getByText('M-0001')).toBeVisible()
  await accessible(page, 'members')
  const members = await page.locator('main ul > li').count()
  expect(members).toBe(40)
  // Everybody stays but one; one comes.
  const rows = await page.locator('main ul > li').evaluateAll((all) => all.map((li) => [li.querySelector('p bdi')?.textContent ?? '', ...(li.querySelectorAll('p bdi')[1]?.textContent ?? '').split(' · '), li.querySelector(':scope > div > bdi')?.textContent ?? '']))
  const gone = rows[7]!
  const csv = ['name;number;email;cost centre', ...rows.filter((r) => r !== gone).map((r) => r.join(';')), 'Nour Test;M-2000;nour@atlas.example;CC-410'].join('\n')
  await page.getByRole('button', { name: say.import }).click()
  const sheet = page.getByRole('dialog')
  await sheet.locator('input[type=file]').setInputFiles({ name: 'roster.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
  await expect(sheet.getByText('Nour Test')).toBeVisible()
  await expect(sheet.getByText(gone[0]!, { exact: true })).toBeVisible()
  await page.screenshot({ path: look('roster') })
  await accessible(page, 'roster preview')
  await sheet.getByRole('button', { name: say.applyRoster }).click()
  await expect(sheet.getByText('1 joined, 1 left, 0 changed')).toBeVisible()
  await sheet.getByRole('button', { name: words('en').action.close }).last().click()
  await expect(page.getByText('Nour Test')).toBeVisible()

  await page.getByRole('link', { name: say.spend }).click()
  await expect(page.getByRole('heading', { name: say.byCentre })).toBeVisible()
  await accessibleEverywhere(page, 'spend')
  await page.context().close()
})

for (const [lang, theme, width] of [['fr', 'light', 1280], ['ar', 'dark', 390]] as const) {
  test(`an employer's screens stand in ${lang}, ${theme}, at ${width}`, async ({ browser }) => {
    const page = await person(browser, 'manager', { lang, theme })
    await page.setViewportSize({ width, height: 844 })
    for (const place of ['overview', 'programmes', 'members', 'spend'] as const) {
      await page.goto(`/company/${place}`)
      await expect(page.locator('main h1')).toHaveText(words(lang).employer[place])
      await expect(page.locator('main [aria-busy=true]')).toHaveCount(0)
      await page.screenshot({ path: look(`${place}-${lang}-${theme}-${width}`) })
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 'nothing sticks out').toBeLessThanOrEqual(0)
      await accessible(page, place)
    }
    await page.context().close()
  })
}
