import { accessible, accessibleEverywhere, Api, expect, person, test, words, type Page } from './world'

/** The pictures that somebody asked for, on a phone and on a desk. */
async function picture(page: Page, name: string): Promise<void> {
  if (!process.env.SHOTS) return
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 844 })
    await page.screenshot({ path: `${process.env.SHOTS}/${name}-${width}.png`, fullPage: true })
  }
}

// Two lines that a manager reports, for whichever language comes first: the walk in English decides one, the other stays open.
test.beforeAll(async () => {
  const api = await Api.as('manager')
  const { items: firms } = await api.get<{ items: { id: string }[] }>('/v1/organisations')
  const { items: bills } = await api.get<{ items: { id: string; kind: string }[] }>(`/v1/organisations/${firms[0]!.id}/invoices`)
  const bill = bills.findLast((b) => b.kind === 'invoice')!
  for (const n of [5, 6]) await api.post('/v1/cases', { subject: `invoice/${bill.id}/${n}`, reason: 'not_ours', says: `Line ${n} is none of ours.` })
})

// The demo's employer rode in the three months before this one, whatever the day: two are billed, one waits.
const walks = [['en', 'light'], ['ar', 'dark']] as const
for (const [lang, theme] of process.env.SHOTS ? ([...walks, ['fr', 'dark'], ['ar', 'light']] as const) : walks) {
  test(`finance bills, is paid, and closes the books, ${lang}, ${theme}`, async ({ browser }) => {
    const say = words(lang)
    const office = say.office
    const page = await person(browser, 'finance', { lang, theme })
    // One language works through everything on both sizes; the other is looked at on the phone alone.
    const everywhere = (what: string) => (lang === 'en' ? accessibleEverywhere(page, what) : accessible(page, what))
    if (lang !== 'en') await page.setViewportSize({ width: 390, height: 844 })
    const shot = (name: string) => picture(page, `${name}-${lang}-${theme}`)
    await page.goto('/finance/invoices')
    const invoices = page.getByTestId('invoices').locator('[data-row]')
    await expect(invoices.first()).toBeVisible()
    await everywhere('invoices')
    await shot('invoices')

    if (lang === 'en') {
      const before = await invoices.count()
      await page.getByRole('link', { name: office.bill }).click()
      await expect(page.getByTestId('line').first()).toBeVisible()
      await accessible(page, 'a month to bill')
      await page.getByRole('button', { name: say.invoices.finalise, exact: true }).click()
      await accessible(page, 'the second look')
      await page.getByRole('button', { name: say.invoices.finaliseSure }).click()
      await expect(page.getByRole('button', { name: say.invoices.creditNote })).toBeVisible()
      await page.getByRole('button', { name: say.invoices.creditNote }).click()
      await page.getByRole('checkbox').first().check()
      await page.getByLabel(say.finance.why).fill('The bus did not come')
      await accessible(page, 'a credit note')
      await shot('credit')
      await page.getByRole('button', { name: office.creditSubmit.split('{{')[0]!.trim() }).click()
      await expect(page.getByRole('link', { name: office.corrects })).toBeVisible()
      await page.goto('/finance/invoices')
      await expect(invoices).toHaveCount(before + 2)
    } else {
      await page.goto('/finance/invoices/bill')
      await expect(page.getByRole('heading', { level: 1, name: office.bill })).toBeVisible()
      await shot('bill')
    }

    await page.goto('/finance/receivables')
    const firm = page.getByTestId('firm').first()
    await expect(firm).toBeVisible()
    await firm.getByRole('button').click()
    const owed = page.locator('a[href^="/finance/invoices/"]').first()
    await expect(owed).toBeVisible()
    await everywhere('receivables')
    await shot('receivables')
    await owed.click()
    await expect(page.getByTestId('line').first()).toBeVisible()
    await shot('invoice')

    await page.goto('/finance/bank')
    await page.getByRole('button', { name: office.importStatement }).click()
    // One that says nothing of an invoice waits; it is the same line in every language, and taken in once.
    await page.getByLabel(office.paste).fill('date,amount,currency,payer,text,reference\n2026-11-02,123.45,MAD,ATLAS TEXTILES,merci,E2E\n2026-11-03,-9,MAD,BANQUE,frais,\n')
    await page.getByRole('button', { name: office.look }).click()
    await expect(page.getByRole('region', { name: office.statement })).toBeVisible()
    await everywhere('a statement')
    await shot('statement')
    if (lang === 'en') {
      await page.getByRole('button', { name: office.take_one.replace('{{n}}', '1') }).click()
      const line = page.getByTestId('bank-line').filter({ hasText: 'ATLAS TEXTILES' })
      await expect(line).toBeVisible()
      await line.getByRole('button', { name: office.chooseInvoice }).click()
      await page.getByRole('dialog').getByLabel(say.finance.amount.replace('{{currency}}', 'MAD')).first().fill('100')
      await accessible(page, 'choosing invoices')
      await page.getByRole('dialog').getByRole('button', { name: office.accept.split('{{')[0]!.trim() }).click()
      await expect(line).toContainText('23.45')
    }
    await shot('bank')

    await page.goto('/finance/books')
    await expect(page.getByTestId('months').locator('li').nth(12)).toBeVisible()
    if (lang === 'en') {
      const oldest = page.getByTestId('months').locator('li').last()
      await oldest.getByRole('button').last().click()
      await page.getByRole('button', { name: office.lockSure }).click()
      await expect(oldest).toContainText(office.locked)
      const file = page.waitForEvent('download')
      await oldest.getByRole('button').first().click()
      expect((await file).suggestedFilename()).toMatch(/^journal-.*csv$/)
    }
    await everywhere('the books')
    await shot('books')

    await page.goto('/finance/setup')
    await expect(page.getByRole('cell', { name: 'MA-20' })).toBeVisible()
    if (lang === 'en') {
      await page.getByLabel(office.address).fill('12 rue de Fès\nCasablanca')
      await page.getByRole('button', { name: office.save }).click()
      await expect(page.getByText(office.saved, { exact: true })).toBeVisible()
      await page.getByRole('button', { name: office.taxAdd }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel(office.rateField).fill('12')
      await dialog.getByLabel(office.code, { exact: true }).fill('MA-12')
      await dialog.getByLabel(office.fromField, { exact: true }).fill('2090-01-01')
      await dialog.getByRole('button', { name: office.taxAdd }).click()
      await accessible(page, 'a tax, before it is added')
      await dialog.getByRole('button', { name: office.taxAddSure }).click()
      await expect(page.getByRole('cell', { name: 'MA-12' })).toBeVisible()
    }
    await everywhere('the setup')
    await shot('setup')

    await page.goto('/finance/cases')
    if (lang === 'en') {
      await page.getByTestId('cases').locator('[data-row]', { hasText: 'Line 5' }).first().click()
      await page.getByLabel(say.cases.evidenceSays).fill('The roster says so')
      await page.getByRole('button', { name: say.cases.evidenceAdd }).click()
      await expect(page.getByText('The roster says so')).toBeVisible()
      await page.getByRole('button', { name: office.decideCase }).click()
      await page.getByLabel(office.answer).fill('You are right.')
      await accessible(page, 'a decision')
      await page.getByRole('dialog').getByRole('button', { name: say.cases.decision.credit }).click()
      await expect(page.getByTestId('said')).toContainText('You are right.')
      await page.goto('/finance/cases')
    }
    await page.getByTestId('cases').locator('[data-row]').first().click() // one is left open
    await expect(page.getByTestId('said')).toBeVisible()
    await everywhere('a case')
    await shot('case')

    await page.setViewportSize({ width: 390, height: 844 })
    for (const section of ['invoices', 'receivables', 'bank', 'books', 'cases', 'setup']) {
      await page.goto(`/finance/${section}`)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${section}: nothing sticks out`).toBeLessThanOrEqual(0)
    }
    await page.context().close()
  })
}
