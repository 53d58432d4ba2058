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
