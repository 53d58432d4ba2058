import { accessible, accessibleEverywhere, Api, expect, person, test, words } from './world'

type Opened = { payment: { id: string } }

for (const [lang, theme] of [['en', 'light'], ['fr', 'dark'], ['ar', 'light']] as const) {
  test(`finance sees a payment, its story and the books, ${lang}, ${theme}`, async ({ browser }) => {
    const say = words(lang).finance
    const api = await Api.as('rider')
    // A wallet has one payment under way at a time: the first language opens it, the others find it.
    await api.post<Opened>('/v1/me/wallet/top-ups', { amount: { amount: 5000, currency: 'MAD' } }).catch(() => undefined)
    const page = await person(browser, 'finance', { lang, theme })
    await expect(page.getByRole('heading', { level: 1, name: say.payments })).toBeVisible()
    const row = page.getByTestId('payments').locator('[data-row]').first()
    await expect(row).toBeVisible()
    await expect(page.getByTestId('fresh')).toHaveAttribute('data-old', 'false')
    await accessibleEverywhere(page, 'payments')
    await row.focus()
    await page.keyboard.press('Enter')
    await expect(page.getByTestId('timeline').locator('li').nth(1)).toBeVisible()
    await accessibleEverywhere(page, 'a payment')
    for (const section of ['accounts', 'events', 'findings'] as const) {
      await page.goto(`/finance/${section}`)
      await expect(page.getByRole('heading', { level: 1, name: say[section] })).toBeVisible()
      await accessible(page, section)
      if (process.env.SHOTS) for (const width of [390, 1280]) {
        await page.setViewportSize({ width, height: 844 })
        await page.screenshot({ path: `${process.env.SHOTS}/${section}-${lang}-${theme}-${width}.png` })
      }
    }
    await page.goto('/finance/payments')
    if (process.env.SHOTS) for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 844 })
      await expect(row).toBeVisible()
      await page.screenshot({ path: `${process.env.SHOTS}/payments-${lang}-${theme}-${width}.png` })
      await row.click()
      await expect(page.getByTestId('timeline')).toBeVisible()
      await page.screenshot({ path: `${process.env.SHOTS}/payment-${lang}-${theme}-${width}.png`, fullPage: true })
      await page.goBack()
    }
    await page.setViewportSize({ width: 390, height: 844 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 'nothing sticks out').toBeLessThanOrEqual(0)
    await page.context().close()
  })
}

test('instants are shown as the server wrote them, in a browser whose zone data is wrong', async ({ browser }) => {
  const api = await Api.as('rider')
  await api.post<Opened>('/v1/me/wallet/top-ups', { amount: { amount: 5000, currency: 'MAD' } }).catch(() => undefined)
  const mine = await api.get<{ items: { created_at: string }[] }>('/v1/me/payments')
  const made = mine.items[0]?.created_at ?? ''
  expect(made).toMatch(/T\d\d:\d\d:\d\d.*(\+01:00|Z)$/)
  const page = await person(browser, 'finance', { lang: 'en', lostIn: 'Pacific/Kiritimati' })
  expect(await page.evaluate(() => new Intl.DateTimeFormat('en-GB', { timeZone: 'Africa/Casablanca', hour: '2-digit' }).resolvedOptions().timeZone)).toBe('Pacific/Kiritimati')
  const row = page.getByTestId('payments').locator('[data-row]').first()
  await expect(row).toContainText(made.slice(11, 16))
  await row.click()
  await expect(page.getByTestId('timeline').locator('li').first()).toContainText(made.slice(11, 19))
  await page.context().close()
  const rider = await person(browser, 'rider', { lang: 'en', lostIn: 'Pacific/Kiritimati' })
  await rider.goto('/wallet')
  await expect(rider.locator('main')).toContainText(made.slice(11, 16))
  await rider.context().close()
})
